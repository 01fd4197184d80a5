// Keys: a service that asks for one, who may do what, and what the page says to those who may not.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { accessible, fits, startBrowser, visit, words } from './browser.js';
import { makeKey, startService } from './service.js';

/** @type {import('./service.js').Service} */
let service;
/** @type {import('./browser.js').Browser} */
let browser;
/** @type {Record<'ward' | 'auditor' | 'chief', string>} */
let keys;
before(async () => {
  service = await startService(['--require-keys']);
  keys = { ward: await makeKey(service, 'Ward 3', 'predict'), auditor: await makeKey(service, 'Auditor', 'audit'), chief: await makeKey(service, 'Chief', 'admin') };
  browser = await startBrowser();
});
after(async () => { await browser.close(); await service.stop(); });

/** @typedef {import('./browser.js').Page} Page */

/**
 * @param {Page} page
 * @param {string} key
 */
async function signIn(page, key) {
  await page.locator('.sign-in, #key').first().click();
  await page.fill('#key-input', key);
  await page.click('#key-use');
}

/** @param {Page} page */
async function ask(page) {
  await page.selectOption('#example', 'now');
  await page.locator('#lactate-0').waitFor();
  await page.click('#predict');
}

for (const language of /** @type {const} */ (['fr', 'en'])) {
  const w = (/** @type {string} */ key) => words(language, key);

  describe(`keys, ${language}`, () => {
    test('without a key each screen says that one is wanted, asks for nothing in vain, and is accessible', async () => {
      const { page, close } = await visit(browser, `${service.url}/`, { language });
      for (const screen of ['patient', 'ward', 'record', 'model', 'api']) {
        await page.goto(`${service.url}/#/${screen}`);
        await page.locator(`nav a[aria-current][href="#/${screen}"]`).waitFor();
        await page.locator('main h1').waitFor();
        if (screen !== 'api') await page.getByText(w('access.nobody')).first().waitFor();
        await accessible(page);
        await page.setViewportSize({ width: 360, height: 740 });
        await fits(page);
        await page.setViewportSize({ width: 1280, height: 900 });
      }
      await close();
    });

    test('a prediction without a key is refused in words, and the key is a click away; what was typed is kept', async () => {
      const { page, close } = await visit(browser, `${service.url}/`, { language, expect: /status of 401/ });
      await ask(page);
      await page.getByText(w('refusal.401')).waitFor();
      await accessible(page);
      await page.locator('.refusal .sign-in').click();
      await page.locator('dialog').waitFor();
      await accessible(page);
      await page.fill('#key-input', keys.ward);
      await page.press('#key-input', 'Enter');
      await page.locator('dialog').waitFor({ state: 'detached' });
      assert.equal(await page.inputValue('#heart_rate-0'), '118');
      await page.locator('#answer').getByText(w('answer.empty')).waitFor();
      await page.click('#predict');
      await page.locator('.verdict').waitFor();
      await close();
    });

    test('a wrong key is told at once and not kept', async () => {
      const { page, close } = await visit(browser, `${service.url}/`, { language, expect: /status of 401/ });
      await signIn(page, 'sepsis_00000000_wrong');
      await page.locator('dialog').getByText(w('key.wrong')).waitFor();
      await accessible(page);
      assert.equal(await page.evaluate(() => sessionStorage.length), 0);
      await page.keyboard.press('Escape');
      await page.locator('dialog').waitFor({ state: 'detached' });
      await close();
    });

    test('the ward predicts, and is told why it cannot read the record', async () => {
      const { page, close, requests } = await visit(browser, `${service.url}/`, { language });
      await signIn(page, keys.ward);
      await page.locator('#key').getByText('Ward 3').waitFor();
      await ask(page);
      await page.locator('.verdict').waitFor();
      for (const screen of ['record', 'model']) {
        await page.goto(`${service.url}/#/${screen}`);
        await page.getByText(words(language, 'access.lacks').replace('{name}', 'Ward 3')).waitFor();
        await accessible(page);
      }
      assert.deepEqual(requests.filter((address) => /\/(predictions|monitoring)/.test(address)), [], 'asked for what is not theirs');
      await close();
    });

    test('the auditor reads the record, and cannot predict', async () => {
      const told = await fetch(`${service.url}/predict/patient`, { method: 'POST', headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${keys.ward}` }, body: '{"age": 67, "lactate": 4}' });
      assert.equal(told.status, 200);
      const { page, close } = await visit(browser, `${service.url}/#/record`, { language, expect: /status of 403/ });
      await signIn(page, keys.auditor);
      await page.locator('.record-table tbody a').first().click();
      await page.locator('.verdict').waitFor();
      assert.equal(await page.locator('#outcome-tell').count(), 0, 'whoever may not tell outcomes has no form for it');
      await page.goto(`${service.url}/#/patient`);
      await page.getByText(w('access.predict')).waitFor();
      await ask(page);
      await page.getByText(w('refusal.403')).waitFor();
      await accessible(page);
      await close();
    });

    test('a key that the service cannot check just now is not kept', async () => {
      const { page, close } = await visit(browser, `${service.url}/`, { language, expect: /status of 503/ });
      await page.route('**/caller', (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', body: '{}' }));
      await signIn(page, keys.chief);
      await page.getByText(w('key.unchecked')).waitFor();
      assert.equal(await page.evaluate(() => sessionStorage.length), 0);
      await page.unroute('**/caller');
      await page.click('#key-use');
      await page.locator('#key').getByText('Chief').waitFor();
      await close();
    });

    test('an instance of before, which tells the roles alone, is understood', async () => {
      const { page, close } = await visit(browser, `${service.url}/`, { language });
      await page.route('**/caller', async (route) => {
        const response = await route.fetch();
        const { may, ...before } = await response.json();
        assert.ok(Array.isArray(may));
        await route.fulfill({ response, json: before });
      });
      await signIn(page, keys.chief);
      await page.locator('#key').getByText('Chief').waitFor();
      await page.locator('dialog').waitFor({ state: 'detached' });
      await ask(page);
      await page.locator('.verdict').waitFor();
      assert.equal(await page.locator('.access').count(), 0);
      await close();
    });

    test('whoever takes another key finds nothing of the patients before', async () => {
      const { page, close } = await visit(browser, `${service.url}/`, { language });
      await signIn(page, keys.chief);
      await ask(page);
      await page.locator('.verdict').waitFor();
      await page.click('#key');
      await page.click('#key-other');
      await page.locator('#key-input').waitFor();
      assert.equal(await page.locator('.verdict').count(), 0);
      assert.equal(await page.evaluate(() => sessionStorage.length), 0);
      await page.fill('#key-input', keys.ward);
      await page.click('#key-use');
      await page.locator('#key').getByText('Ward 3').waitFor();
      assert.equal(await page.locator('#lactate-0').count() === 0 || await page.inputValue('#lactate-0') === '', true, 'nothing of a patient is left');
      await close();
    });

    test('the key is in this tab alone, in no address and no code, and goes with what the tab holds when its holder signs out', async () => {
      const { page, close, requests } = await visit(browser, `${service.url}/`, { language });
      await signIn(page, keys.chief);
      await ask(page);
      await page.locator('.verdict').waitFor();
      await page.getByText(w('code.title')).first().click();
      const shown = page.locator('.snippets pre').filter({ hasText: '$SEPSIS_API_KEY' }).first();
      await shown.waitFor();
      assert.ok(!(await page.content()).includes(keys.chief));
      assert.equal(await page.evaluate(() => Object.values(localStorage).join() + document.cookie), '');
      assert.ok(!requests.some((address) => address.includes(keys.chief)));
      const other = await page.context().newPage();
      await other.goto(`${service.url}/`);
      await other.getByText(w('access.nobody')).waitFor();
      await other.close();
      await page.fill('#age-stay', '81');
      /** @type {string[]} */
      const asked = [];
      page.on('dialog', (dialog) => { asked.push(dialog.type()); void dialog.accept(); });
      await page.click('#key');
      await page.getByText(w('role.admin')).waitFor();
      await accessible(page);
      await page.click('#key-out');
      await page.getByText(w('access.nobody')).waitFor();
      assert.deepEqual(asked, [], 'what was typed goes on purpose');
      assert.equal(await page.evaluate(() => sessionStorage.length), 0);
      assert.equal(await page.locator('.verdict').count(), 0, 'nothing of a patient is left');
      assert.equal(await page.inputValue('#age-stay'), '');
      await close();
    });
  });
}
