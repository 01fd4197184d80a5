// Pictures of every screen in both languages and both themes, for docs/screenshots: make screenshots.
import { execFile } from 'node:child_process';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startBrowser, visit, words } from './browser.js';
import { makeKey, startService } from './service.js';

/** @typedef {import('./browser.js').Page} Page */
/** @typedef {{screen: string, act?: (page: Page) => Promise<void>}} Scene what is done on a screen before its picture is taken */
/** @typedef {'fr' | 'en'} Language */

const folder = process.env.SEPSIS_SCREENSHOTS ?? fileURLToPath(new URL('../../docs/screenshots/', import.meta.url));

/** @param {Page} page */
async function predicted(page) {
  await page.selectOption('#example', 'decline');
  await page.locator('#lactate-11').waitFor();
  await page.click('#predict');
  await page.locator('.verdict').waitFor();
}

/** @type {Record<string, Scene>} */
const scenes = {
  patient: { screen: 'patient', act: predicted },
  mistakes: { screen: 'patient', act: async (page) => {
    await page.selectOption('#example', 'mistakes');
    await page.locator('#temperature-0').waitFor();
    await page.click('#predict');
    await page.locator('.refusal').waitFor();
  } },
  ward: { screen: 'ward', act: async (page) => {
    await page.click('#ward-example');
    await page.locator('#ward-status').getByText(/^32 /).waitFor();
    await page.locator('.ward-table tbody button').first().click();
  } },
  record: { screen: 'record', act: async (page) => {
    await page.locator('.record-table tbody a').last().click();
    await page.locator('.outcomes').waitFor();
  } },
  records: { screen: 'record' },
  model: { screen: 'model' },
  evidence: { screen: 'model', act: async (page) => { await page.locator('#evidence').evaluate((section) => section.scrollIntoView()); } },
  api: { screen: 'api', act: async (page) => {
    await page.locator('.operation summary').first().click();
  } },
};

/** Screens that are looked at elsewhere than at a desk; the name tells where. */
const places = /** @type {const} */ ([['phone', 390, 844], ['wall', 3840, 2160]]);

/**
 * @param {import('playwright-core').Browser} browser
 * @param {string} url
 * @param {string} name of the file
 * @param {Scene} scene
 * @param {{language: Language, theme: 'light' | 'dark', width: number, height: number}} visitor
 */
async function picture(browser, url, name, scene, visitor) {
  const { page, close } = await visit(browser, `${url}/#/${scene.screen}`, { ...visitor, expect: /status of 422/ });
  await scene.act?.(page);
  await page.waitForTimeout(300);
  await page.screenshot({ path: `${folder}/${name}.png` });
  await close();
}

await mkdir(folder, { recursive: true });
for (const old of await readdir(folder)) await rm(`${folder}/${old}`);
const [service, locked] = [await startService(), await startService(['--require-keys'])];
await makeKey(locked, 'Ward 3', 'predict');
const browser = await startBrowser();
for (const language of /** @type {const} */ (['fr', 'en'])) {
  for (const theme of /** @type {const} */ (['light', 'dark'])) {
    for (const [name, scene] of Object.entries(scenes)) {
      await picture(browser, service.url, `${name}-${language}-${theme}`, scene, { language, theme, width: 1280, height: 860 });
    }
  }
  await picture(browser, locked.url, `access-${language}-light`, { screen: 'record', act: async (page) => {
    await page.getByText(words(language, 'access.nobody')).waitFor();
    await page.locator('.sign-in').click();
  } }, { language, theme: 'light', width: 1280, height: 860 });
}
const here = /** @type {[string, 'fr' | 'en', 'light' | 'dark'][]} */ ([['patient', 'fr', 'light'], ['ward', 'en', 'dark']]);
for (const [place, width, height] of places) {
  for (const [name, language, theme] of here) {
    const scene = scenes[name];
    if (scene !== undefined) await picture(browser, service.url, `${place}-${name}-${language}-${theme}`, scene, { language, theme, width, height });
  }
}
await browser.close();
await Promise.all([service.stop(), locked.stop()]);
// Screens have few colours: a palette keeps every letter and a third of the bytes.
await promisify(execFile)('pngquant', ['--force', '--strip', '--ext', '.png', '--quality', '80-100', ...(await readdir(folder)).map((name) => `${folder}/${name}`)]);
