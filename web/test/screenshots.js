// Pictures of every screen in both languages and both themes, for docs/screenshots: make screenshots.
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { startBrowser, visit } from './browser.js';
import { startService } from './service.js';

/** @typedef {import('./browser.js').Page} Page */

const folder = new URL('../../docs/screenshots/', import.meta.url);

/** @type {Record<string, (page: Page) => Promise<void>>} what is done on a screen before its picture is taken */
const scenes = {
  patient: async (page) => {
    await page.selectOption('#example', 'decline');
    await page.locator('#lactate-11').waitFor();
    await page.click('#predict');
    await page.locator('.verdict').waitFor();
  },
  mistakes: async (page) => {
    await page.selectOption('#example', 'mistakes');
    await page.locator('#temperature-0').waitFor();
    await page.click('#predict');
    await page.locator('.refusal').waitFor();
  },
  ward: async (page) => {
    await page.click('#ward-example');
    await page.locator('#ward-status').getByText(/^32 /).waitFor();
    await page.locator('.ward-table tbody button').first().click();
  },
  record: async (page) => {
    await page.locator('.record-table tbody a').first().click();
    await page.locator('.outcomes').waitFor();
  },
  model: async () => {},
  api: async (page) => {
    await page.locator('.operation summary').first().click();
  },
};

await mkdir(folder, { recursive: true });
const service = await startService();
const browser = await startBrowser();
for (const language of /** @type {const} */ (['fr', 'en'])) {
  for (const theme of /** @type {const} */ (['light', 'dark'])) {
    for (const [name, act] of Object.entries(scenes)) {
      const screen = name === 'mistakes' ? 'patient' : name;
      const { page, close } = await visit(browser, `${service.url}/#/${screen}`, { language, theme, width: 1280, height: 860, expect: /status of 422/ });
      await act(page);
      await page.waitForTimeout(300);
      await page.screenshot({ path: fileURLToPath(new URL(`${name}-${language}-${theme}.png`, folder)) });
      await close();
    }
  }
}
const { page, close } = await visit(browser, `${service.url}/`, { language: 'fr', width: 390, height: 844 });
await scenes.patient?.(page);
await page.waitForTimeout(300);
await page.screenshot({ path: fileURLToPath(new URL('phone-fr-light.png', folder)) });
await close();
await browser.close();
await service.stop();
