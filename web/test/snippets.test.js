// "As curl, as Python, as Go": what the page prints is run as it stands, with a key, against the service that printed it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { startBrowser, visit, words } from './browser.js';
import { makeKey, startService } from './service.js';

/** @typedef {import('./browser.js').Page} Page */

/** @type {import('./service.js').Service} */
let service;
/** @type {import('./browser.js').Browser} */
let browser;
let key = '';
let folder = '';
before(async () => {
  service = await startService(['--require-keys']);
  key = await makeKey(service, 'Developer', 'admin');
  folder = await mkdtemp(join(tmpdir(), 'sepsis-snippets-'));
  browser = await startBrowser();
});
after(async () => { await browser.close(); await service.stop(); await rm(folder, { recursive: true }); });

/** What runs a printed program, by its language. Go compiles each, so it gets a few. */
const runners = {
  curl: async (/** @type {string} */ code) => (await run('bash', ['-c', code.replace(/^curl /, 'curl --silent --show-error --fail-with-body ')])).stdout,
  Python: async (/** @type {string} */ code) => (await run('python3', ['-c', code])).stdout,
  Go: async (/** @type {string} */ code) => {
    await writeFile(join(folder, 'main.go'), code);
    return (await run('go', ['run', join(folder, 'main.go')])).stdout;
  },
};

/**
 * @param {string} program
 * @param {string[]} options
 */
function run(program, options) {
  return promisify(execFile)(program, options, { env: { ...process.env, SEPSIS_API_KEY: key }, maxBuffer: 64 << 20 });
}

/**
 * The code of a part of the page, in a language.
 * @param {import('playwright-core').Locator} part
 * @param {keyof typeof runners} language
 */
async function codeIn(part, language) {
  if (await part.getAttribute('open') === null) await part.locator('summary').click();
  await part.getByRole('button', { name: language, exact: true }).click();
  await part.locator(`button[aria-pressed="true"]`).getByText(language, { exact: true }).waitFor();
  return await part.locator('code').textContent() ?? '';
}

/** @param {Page} page */
async function signIn(page) {
  await page.click('#key');
  await page.fill('#key-input', key);
  await page.click('#key-use');
  await page.locator('#key').getByText('Developer').waitFor();
}

/** What is done on a screen first, and what its answer holds, for each screen. */
const screens = /** @type {Record<string, {act: (page: Page) => Promise<void>, expected: string}>} */ ({
  patient: { expected: '"prediction":"Positive"', act: async (page) => {
    await page.selectOption('#example', 'decline');
    await page.locator('#lactate-11').waitFor();
    await page.click('#predict');
    await page.locator('.verdict').waitFor();
  } },
  ward: { expected: '"prediction":"', act: async (page) => {
    await page.click('#ward-example');
    await page.locator('#ward-status').getByText(/^32 /).waitFor();
  } },
  record: { expected: '"predictions":', act: async () => {} },
  model: { expected: '', act: async () => {} },
});

for (const [screen, { act, expected }] of Object.entries(screens)) {
  test(`what the screen ${screen} prints can be run`, async () => {
    const { page, close } = await visit(browser, `${service.url}/`, { language: 'fr' });
    await signIn(page);
    await page.goto(`${service.url}/#/${screen}`);
    await page.reload(); // the key stays, the screen before does not
    await page.locator('.snippets').first().waitFor({ state: 'attached' });
    await act(page);
    const parts = await page.locator('.snippets').all();
    assert.ok(parts.length > 0, 'each screen prints its request');
    for (const part of parts) {
      for (const language of /** @type {const} */ (['curl', 'Python'])) {
        const answer = (await runners[language](await codeIn(part, language))).replaceAll("': ", '":').replaceAll("'", '"');
        assert.ok(answer.includes(expected), `${language}: ${answer.slice(0, 300)}`);
      }
    }
    const first = parts[0];
    assert.ok(first !== undefined);
    assert.ok((await runners.Go(await codeIn(first, 'Go'))).startsWith('200 OK '));
    await close();
  });
}

test('what a patient is called does not break the code', async () => {
  const { page, close } = await visit(browser, `${service.url}/`, { language: 'fr' });
  await signIn(page);
  await page.fill('#age-stay', '60');
  await page.fill('#heart_rate-0', '90');
  const called = 'a`b"c\'d\\e';
  await page.fill('#patient_id-stay', called);
  const part = page.locator('.snippets').first();
  for (const language of /** @type {const} */ (['curl', 'Go'])) {
    const answer = await runners[language](await codeIn(part, language));
    assert.equal(JSON.parse(answer.slice(answer.indexOf('{'))).patient_id, called, language);
  }
  await close();
});

test('what the screen of the API prints can be run, but for what names a prediction', async () => {
  const { page, close } = await visit(browser, `${service.url}/`, { language: 'en' });
  await signIn(page);
  await page.goto(`${service.url}/#/api`);
  await page.getByRole('link', { name: words('en', 'api.docs') }).waitFor();
  let ran = 0;
  for (const operation of await page.locator('.operation').all()) {
    const title = await operation.locator('h2').textContent() ?? '';
    if (title.includes('{') || title.includes('/admin/')) continue;
    const code = await codeIn(operation.locator('.snippets'), 'curl');
    assert.notEqual(await runners.curl(code).catch((cause) => assert.fail(`${title}: ${cause.stdout}`)), '', title);
    ran += 1;
  }
  assert.ok(ran >= 12, `${ran} were run`);
  await close();
});
