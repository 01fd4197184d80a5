// The record: the list and its filters, one prediction as it was answered, and what became of it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { accessible, fits, hold, startBrowser, visit, words } from './browser.js';
import { startService } from './service.js';

/** @type {import('./service.js').Service} */
let service;
/** @type {import('./browser.js').Browser} */
let browser;
before(async () => { service = await startService(); browser = await startBrowser(); });
after(async () => { await browser.close(); await service.stop(); });

const sick = { age: 67, sex: 'female', icu_hour: 30, heart_rate: 118, temperature: 38.9, respiratory_rate: 26, systolic_bp: 88, mean_arterial_pressure: 61, lactate: 4.1, wbc: 16.4 };
const well = { age: 54, icu_hour: 6, heart_rate: 74, temperature: 36.8, respiratory_rate: 14, spo2: 98, systolic_bp: 124, mean_arterial_pressure: 88 };

/**
 * @param {Record<string, unknown>} body
 * @param {string} [mark]
 */
async function predict(body, mark = '') {
  const answer = await fetch(`${service.url}/predict/patient?trajectory=true${mark}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  assert.equal(answer.status, 200);
  return /** @type {Promise<any>} */ (answer.json());
}

for (const language of /** @type {const} */ (['fr', 'en'])) {
  const w = (/** @type {string} */ key) => words(language, key);

  describe(`the record, ${language}`, () => {
    test('it lists predictions, and chooses among them', async () => {
      for (let turn = 0; turn < 30; turn += 1) { await predict(sick); await predict({ ...well, patient_id: 'bed 3' }); }
      const { page, close } = await visit(browser, `${service.url}/#/record`, { language });
      await page.locator('.record-table tbody tr').nth(49).waitFor();
      await accessible(page);
      await fits(page);
      await page.click('#record-more');
      await page.locator('.record-table tbody tr').nth(59).waitFor();
      await page.selectOption('#filter-prediction', 'Negative');
      await page.waitForFunction((positive) => ![...document.querySelectorAll('.record-table td .badge')].some((badge) => badge.textContent?.includes(positive)), w('state.alert'));
      assert.ok(await page.locator('.record-table tbody tr').count() >= 30);
      await page.fill('#filter-patient', 'nobody');
      await page.press('#filter-patient', 'Tab');
      await page.getByText(w('record.empty')).waitFor();
      await page.fill('#filter-patient', 'bed 3');
      await page.press('#filter-patient', 'Tab');
      await page.locator('.record-table tbody tr').nth(29).waitFor();
      await close();
    });

    test('of two choices the later one counts, however late the answer to the earlier one', async () => {
      await predict(well);
      await predict(sick);
      const { page, close } = await visit(browser, `${service.url}/#/record`, { language });
      await page.locator('.record-table tbody tr').first().waitFor();
      const asked = await hold(page, /predictions\?.*prediction=Negative/);
      await page.selectOption('#filter-prediction', 'Negative');
      await asked.reach(1);
      const answered = page.waitForResponse(/prediction=Positive/);
      await page.selectOption('#filter-prediction', 'Positive');
      const { predictions } = await (await answered).json();
      const hrefs = () => page.locator('.record-table tbody a').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
      const wanted = predictions.map((/** @type {{id: string}} */ prediction) => `#/record/${prediction.id}`);
      await page.waitForFunction((first) => document.querySelector('.record-table tbody a')?.getAttribute('href') === first, wanted[0]);
      await asked.release(0);
      assert.deepEqual(await hrefs(), wanted);
      await close();
    });

    test('back from a prediction one stands where one was', async () => {
      for (let turn = 0; turn < 60; turn += 1) await predict(well);
      const { page, close } = await visit(browser, `${service.url}/#/record`, { language });
      await page.click('#record-more');
      const link = page.locator('.record-table tbody tr').nth(57).locator('a');
      const href = await link.getAttribute('href');
      await link.click();
      await page.getByText(w('record.back')).click();
      await page.waitForFunction((wanted) => document.activeElement?.getAttribute('href') === wanted, href);
      await close();
    });

    test('one prediction stands there as it was answered, and its outcome is told', async () => {
      const answer = await predict(sick);
      const { page, close } = await visit(browser, `${service.url}/#/record/${answer.id}`, { language, expect: /status of 422/ });
      await page.locator('.verdict').getByText(w(`prediction.${answer.prediction}`), { exact: true }).waitFor();
      assert.equal(await page.locator('.drivers tbody tr').count(), answer.explanation.length);
      await page.getByText(w('outcome.none')).waitFor();
      await accessible(page);
      await page.click('#outcome-tell');
      await page.getByText('septic is required').waitFor();
      await page.getByText(w('outcome.refused')).waitFor();
      await page.locator('.outcome-form li').getByText(w('outcome.what')).waitFor();
      await page.locator('.outcome-form .hint').getByText(w('hint.field.septic')).waitFor();
      assert.deepEqual(await page.evaluate(() => [document.activeElement?.id, document.activeElement?.getAttribute('aria-invalid')]), ['outcome-septic', 'true']);
      await accessible(page);
      for (const [choice, onset, key] of /** @type {const} */ ([['false', '2', 'hint.onset_without_sepsis'], ['true', '9', 'hint.out_of_range.onset_hours'], ['true', 'soon', 'hint.field.onset_hours']])) {
        await page.selectOption('#outcome-septic', choice);
        await page.fill('#outcome-onset', onset);
        await page.click('#outcome-tell');
        await page.locator('.outcome-form .hint').getByText(w(key), { exact: true }).waitFor();
      }
      assert.equal(await page.locator('.hint[lang="en"]').count(), 0);
      await page.selectOption('#outcome-septic', 'true');
      await page.fill('#outcome-onset', language === 'fr' ? '3,5' : '3.5');
      await page.click('#outcome-tell');
      await page.locator('.outcomes li').getByText(w('outcome.septic')).waitFor();
      const recorded = /** @type {any} */ (await (await fetch(`${service.url}/predictions/${answer.id}`)).json());
      assert.deepEqual(recorded.outcomes.map((/** @type {any} */ outcome) => [outcome.septic, outcome.onset_hours]), [[true, 3.5]]);
      await page.reload();
      await page.locator('.outcomes li').first().waitFor();
      await accessible(page);
      await close();
    });

    test('an outcome is told once, however often its button is pressed', async () => {
      const answer = await predict(sick);
      const { page, close } = await visit(browser, `${service.url}/#/record/${answer.id}`, { language });
      const told = await hold(page, /\/outcome$/);
      await page.selectOption('#outcome-septic', 'true');
      await page.dblclick('#outcome-tell');
      await told.reach(1);
      await accessible(page);
      assert.equal(told.count(), 1, 'requests');
      await told.release(0);
      await page.locator('.outcomes li').waitFor();
      const recorded = /** @type {any} */ (await (await fetch(`${service.url}/predictions/${answer.id}`)).json());
      assert.equal(recorded.outcomes.length, 1);
      await close();
    });

    test('what is hypothetical is labelled, chosen, and has no outcome', async () => {
      await predict(sick);
      const answer = await predict(sick, '&hypothetical=true');
      const { page, close } = await visit(browser, `${service.url}/#/record/${answer.id}`, { language });
      await page.getByText(w('record.hypothetical_note')).waitFor();
      await page.getByText(w('outcome.hypothetical')).waitFor();
      assert.equal(await page.locator('#outcome-tell').count(), 0);
      await accessible(page);
      await page.goto(`${service.url}/#/record`);
      await page.selectOption('#filter-hypothetical', 'true');
      await page.waitForFunction(() => { const rows = [...document.querySelectorAll('.record-table tbody tr')]; return rows.length > 0 && rows.every((row) => row.querySelector('.hypothetical') !== null); });
      await page.selectOption('#filter-hypothetical', 'false');
      await page.waitForFunction(() => document.querySelectorAll('.record-table tbody tr').length > 0 && document.querySelector('.record-table .hypothetical') === null);
      await close();
    });

    test('the link of an answer leads to its record', async () => {
      const { page, close } = await visit(browser, `${service.url}/`, { language });
      await page.selectOption('#example', 'now');
      await page.locator('#lactate-0').waitFor();
      await page.click('#predict');
      await page.locator('.share a').click();
      await page.getByText(w('record.as_it_was')).waitFor();
      await page.locator('.verdict').waitFor();
      await close();
    });

    test('a number that does not exist is told', async () => {
      const { page, close } = await visit(browser, `${service.url}/#/record/01JD9Z0000000000000000000A`, { language, expect: /status of 404/ });
      await page.getByText(w('refusal.404_title')).waitFor();
      await close();
    });
  });
}
