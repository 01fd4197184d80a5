// A real Chromium, and what every test asks of every page.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

/** @typedef {import('playwright-core').Browser} Browser */
/** @typedef {import('playwright-core').Page} Page */
/** @typedef {{page: Page, complaints: string[], requests: string[], close: () => Promise<void>}} Visit */

const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
/** How long a test waits for what must come, in milliseconds: on a machine that others use much, too. How fast things are has tests of its own. */
const patience = 60_000;

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Words of the page in both languages, so that tests look for what people read. */
export const catalogues = {
  fr: await catalogue('fr'),
  en: await catalogue('en'),
};

/** @param {string} language */
async function catalogue(language) {
  return /** @type {Record<string, string>} */ (JSON.parse(await readFile(new URL(`../assets/${language}.json`, import.meta.url), 'utf8')));
}

/** @returns {Promise<Browser>} */
export function startBrowser() {
  return chromium.launch({ executablePath: process.env.SEPSIS_CHROMIUM ?? '/usr/bin/chromium', args: flags });
}

/**
 * Opens a screen as a new visitor whose browser speaks a language.
 * @param {Browser} browser
 * @param {string} url
 * @param {{language: 'fr' | 'en', theme?: 'light' | 'dark', width?: number, height?: number, fingers?: boolean, expect?: RegExp}} visitor fingers: on a phone; expect matches the complaints that the test provokes
 * @returns {Promise<Visit>}
 */
export async function visit(browser, url, { language, theme = 'light', width = 1280, height = 900, fingers = false, expect }) {
  const context = await browser.newContext({
    locale: { fr: 'fr-FR', en: 'en-GB' }[language], colorScheme: theme, viewport: { width, height }, timezoneId: 'Europe/Paris', hasTouch: fingers, isMobile: fingers,
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  /** @type {string[]} */
  const complaints = [];
  /** @type {string[]} */
  const requests = [];
  const complain = (/** @type {string} */ words) => { if (expect === undefined || !expect.test(words)) complaints.push(words); };
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) complain(`${message.type()}: ${message.text()}`); });
  page.on('pageerror', (error) => complain(`error: ${error.stack ?? error.message}`));
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(url);
  await page.locator('main h1').waitFor();
  return { page, complaints, requests, close: async () => {
    const origin = new URL(url).origin;
    assert.deepEqual(requests.filter((address) => !address.startsWith(origin)), [], 'requests to another host');
    assert.deepEqual(complaints, [], 'complaints of the console');
    await context.close();
  } };
}

/**
 * Finds no violation of WCAG 2.2 AA, nor of what axe holds to be good practice. The checker comes through the debugger, so that the
 * page's policy stays as it is.
 * @param {Page} page
 */
export async function accessible(page) {
  await page.evaluate(axeSource);
  const found = await page.evaluate(async () => {
    const axe = /** @type {typeof import('axe-core')} */ (Reflect.get(window, 'axe'));
    const { violations } = await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
    return violations.map((violation) => `${violation.id}: ${violation.help}\n  ${violation.nodes.slice(0, 4).map((node) => node.html.slice(0, 160) + ' ' + (node.any[0]?.message ?? '')).join('\n  ')}`);
  });
  assert.deepEqual(found, []);
}

/**
 * How many times longer than its processor time something takes in a page at present, because others use the machine: 1 when
 * nobody does. What a test measures is divided by it, and so is the same on a busy machine; a wait that is the page's own stays.
 * @param {Browser} browser
 * @returns {Promise<number>}
 */
export async function slowdown(browser) {
  const page = await browser.newPage();
  const debug = await page.context().newCDPSession(page);
  await debug.send('Performance.enable', { timeDomain: 'threadTicks' });
  const used = async () => (await debug.send('Performance.getMetrics')).metrics.find((metric) => metric.name === 'TaskDuration')?.value ?? 0;
  const before = await used();
  const milliseconds = await page.evaluate(() => {
    const start = performance.now();
    let sum = 0;
    for (let turn = 0; turn < 1e8; turn += 1) sum += turn % 7;
    return sum > 0 ? performance.now() - start : 0;
  });
  const processor = (await used()) - before;
  await page.close();
  return Math.max(1, milliseconds / (processor * 1000));
}

/**
 * Holds the answers to some requests back until the test lets them go, as a slow network does.
 * @param {Page} page
 * @param {RegExp} pattern of their addresses
 */
export async function hold(page, pattern) {
  /** @type {import('playwright-core').Route[]} */
  const held = [];
  /** @type {(() => void)[]} */
  const watchers = [];
  await page.route(pattern, (route) => { held.push(route); for (const tell of watchers.splice(0)) tell(); });
  return {
    /** All that were held so far, also those that were let go. */
    count: () => held.length,
    /** @param {number} n waits until so many were held */
    reach: async (n) => { while (held.length < n) await new Promise((resolve) => watchers.push(() => resolve(null))); },
    /** @param {number} index lets one go, and waits until its answer is with the page */
    release: async (index) => {
      const route = held[index];
      assert.ok(route !== undefined);
      const request = route.request();
      const answered = page.waitForResponse((response) => response.request() === request);
      // Chromium calls a request failed whose answer was read to its end as a stream.
      const ended = new Promise((resolve) => {
        page.on('requestfinished', (other) => other === request && resolve(null));
        page.on('requestfailed', (other) => other === request && resolve(null));
      });
      await route.continue();
      const response = await answered;
      await ended;
      await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
      return response;
    },
  };
}

/**
 * Nothing stands beyond the right edge.
 * @param {Page} page
 */
export async function fits(page) {
  const beyond = await page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const wide = [...document.querySelectorAll('body *')].filter((element) => element.getBoundingClientRect().right > width + 1 && element.closest('.scroll, nav, pre, .ward-scroll') === null);
    return wide.map((element) => `${element.tagName} ${element.getAttribute('class') ?? ''} #${element.id}`).slice(0, 5);
  });
  assert.deepEqual(beyond, []);
}

/**
 * The words of a key, as a test looks for them.
 * @param {'fr' | 'en'} language
 * @param {string} key
 * @returns {string}
 */
export function words(language, key) {
  const found = catalogues[language][key];
  assert.ok(found !== undefined, key);
  return found;
}
