// One patient: entry, paste, drop, examples, refusals, answer, what-if, link, print, in both languages.
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

const refused = /status of 422/;

for (const language of /** @type {const} */ (['fr', 'en'])) {
  const w = (/** @type {string} */ key) => words(language, key);
  const open = (/** @type {object} */ more = {}) => visit(browser, `${service.url}/`, { language, ...more });

  describe(`a patient, ${language}`, () => {
    test('the empty form says what it wants, and is accessible', async () => {
      const { page, close } = await open();
      assert.equal(await page.getAttribute('html', 'lang'), language);
      await page.getByText(w('research')).first().waitFor();
      await page.getByText(w('answer.empty')).waitFor();
      assert.equal(await page.locator('tr[data-variable]').count(), 8 + 7, 'vital signs and blood gases');
      await accessible(page);
      await fits(page);
      await close();
    });

    test('typed values are predicted, flat, in the units in which they were typed', async () => {
      const { page, close } = await open();
      await page.fill('#age-stay', '67');
      await page.selectOption('#sex-stay', 'female');
      await page.fill('#icu_hour-0', '30');
      await page.fill('#heart_rate-0', '118');
      await page.fill('#temperature-0', language === 'fr' ? '38,9' : '38.9');
      await page.selectOption('#unit-lactate', 'mg/dL');
      await page.fill('#lactate-0', '37');
      const sent = page.waitForRequest((request) => request.method() === 'POST');
      await page.keyboard.press('Enter');
      const body = (await sent).postDataJSON();
      assert.deepEqual(body, { age: 67, sex: 'female', icu_hour: 30, heart_rate: 118, temperature: 38.9, lactate: { value: 37, unit: 'mg/dL' } });
      await page.locator('.verdict').waitFor();
      await page.locator('.reliability li').first().waitFor();
      await page.fill('#heart_rate-0', '120');
      await page.getByText(w('answer.stale')).waitFor();
      await close();
    });

    test('the switch of units converts what is shown and leaves what is sent', async () => {
      const { page, close } = await open();
      await page.selectOption('#example', 'decline');
      await page.locator('#creatinine-11').waitFor();
      await page.selectOption('#system', 'si');
      assert.equal(await page.inputValue('#creatinine-11'), language === 'fr' ? '141,4' : '141.4', '1.6 mg/dL times 88.40');
      assert.equal(await page.textContent('#unit-creatinine option:checked'), 'µmol/L');
      await page.selectOption('#system', 'own');
      assert.equal(await page.inputValue('#creatinine-11'), language === 'fr' ? '1,6' : '1.6');
      await close();
    });

    for (const width of [1280, 360]) {
      test(`a warning is counted beside a calm verdict and leads to its words, marks its cell, and is cured by a click, ${width} wide`, async () => {
        const { page, close } = await open({ width, height: 740 });
        const usual = { heart_rate: 80, temperature: 37, spo2: 98, systolic_bp: 120, mean_arterial_pressure: 80, respiratory_rate: 14, wbc: 8, platelets: 200 };
        const observations = Array.from({ length: 12 }, (_, index) => ({ icu_hour: index + 1, ...usual, ...(index === 11 ? { creatinine: 18 } : {}) }));
        await drop(page, 'one.json', JSON.stringify({ age: 60, observations }));
        await holds(page, '#creatinine-11', '18');
        await page.click('#predict');
        await page.locator('.verdict.calm').waitFor();
        const mark = page.locator('.verdict').getByRole('button', { name: w('warnings.title').split('|')[0]?.replace('{n}', '1') ?? '' });
        assert.ok(await mark.evaluate((element) => element.getBoundingClientRect().bottom < innerHeight), 'in sight with the verdict');
        await mark.click();
        assert.ok(await page.evaluate(() => document.activeElement?.matches('.warnings h3')));
        await page.locator('.warnings .hint').getByText('µmol/L').waitFor();
        assert.equal(await page.getAttribute('#creatinine-11', 'aria-invalid'), 'false', 'it is no error');
        assert.equal(await page.locator('#creatinine-11').evaluate((cell) => getComputedStyle(cell).borderStyle), 'dashed');
        await page.locator('#creatinine-11-issue .hint').getByText('µmol/L').waitFor();
        assert.ok(!(await page.locator('main').innerText()).includes('{"'), 'no JSON');
        await page.click('#language');
        await page.locator('#creatinine-11-issue').getByText(words(language === 'fr' ? 'en' : 'fr', 'hint.unit').split('{')[0]?.trim() ?? '').waitFor();
        assert.equal(await page.locator('#creatinine-11-issue .original').count(), language === 'en' ? 1 : 0, 'the mark speaks the language of now');
        await accessible(page);
        await fits(page);
        await page.locator('#creatinine-11-issue .convert').click();
        const sent = page.waitForRequest((request) => request.method() === 'POST');
        await page.click('#predict');
        assert.deepEqual((await sent).postDataJSON().observations[11].creatinine, { value: 18, unit: 'umol/L' });
        await page.locator('.stale-note').waitFor({ state: 'hidden' });
        assert.equal(await page.locator('.warned, .issue').count(), 0, 'nothing is left to warn of');
        await close();
      });
    }

    test('what a file or a paste brings is inspected before it is sent', async () => {
      const { page, close } = await open();
      await drop(page, 'one.csv', 'age,hour,creatinine,heart_rate\n60,1,18,900\n60,2,1,80\n');
      await page.locator('#creatinine-0-issue .warning').waitFor();
      await page.locator('#heart_rate-0-issue .error').waitFor();
      assert.equal(await page.locator('.issue').count(), 2);
      await page.click('#clear');
      await paste(page, '#heart_rate-0', '900\t80');
      await page.locator('#heart_rate-0-issue .error').waitFor();
      assert.equal(await page.locator('.issue').count(), 1);
      await accessible(page);
      await close();
    });

    test('what is a day old is not missing, and the end of a range is inside of it in other units, too, as the service has it', async () => {
      const { page, close } = await open();
      const observations = [{ icu_hour: 1, lactate: 2 }, { icu_hour: 25, heart_rate: 80, bilirubin_total: { value: 1710.4, unit: 'umol/L' } }];
      await drop(page, 'one.json', JSON.stringify({ age: 60, observations }));
      await page.locator('#bilirubin_total-1[aria-invalid=false]').waitFor({ state: 'attached' });
      await page.click('#predict');
      await page.locator('.verdict').waitFor();
      assert.equal(await page.textContent('.missing summary'), w('missing.title').split('|')[1]?.replace('{n}', '31'), 'of 34');
      await close();
    });

    test('what was typed in another unit goes when the cell is typed anew', async () => {
      const { page, close } = await open();
      await page.fill('#lactate-0', '4');
      await page.selectOption('#unit-lactate', 'mg/dL');
      await page.locator('tr[data-variable="lactate"] .typed').getByText('4 mmol/L').waitFor();
      await page.fill('#lactate-0', '45');
      assert.equal(await page.locator('tr[data-variable="lactate"] .typed').count(), 0);
      await close();
    });

    test('of unusual data it is not said that too little is known', async () => {
      const { page, close } = await open();
      /** @type {{code: string, message: string}[]} */
      let reasons = [];
      await page.route(/predict\/patient\?/, async (route) => {
        const answer = await route.fetch();
        await route.fulfill({ response: answer, json: { ...await answer.json(), reliability: { level: 'indeterminate', reasons } } });
      });
      await page.selectOption('#example', 'now');
      await page.locator('#lactate-0').waitFor();
      for (const [code, words] of /** @type {const} */ ([['unlike_training', 'reliability.unlike'], ['few_measurements', 'reliability.indeterminate']])) {
        reasons = [{ code, message: code }];
        await page.click('#predict');
        await page.locator('.reliability').getByText(w(words)).waitFor();
      }
      await close();
    });

    test('the answer shows everything that the service says', async () => {
      const { page, close } = await open();
      await page.selectOption('#example', 'decline');
      const answered = page.waitForResponse((response) => response.url().includes('/predict/patient'));
      await page.click('#predict');
      const answer = await (await answered).json();
      const shown = page.locator('#answer');
      await shown.getByText(w(`prediction.${answer.prediction}`), { exact: true }).waitFor();
      await shown.locator('.risk-scale').waitFor();
      await shown.locator('.course').waitFor();
      for (const title of ['reliability.title', 'course.title', 'drivers.title', 'scores.title', 'what_if.title']) await shown.getByRole('heading', { name: w(title), exact: true }).waitFor();
      assert.equal(await shown.locator('.drivers tbody tr').count(), answer.explanation.length, 'every contribution');
      assert.equal(await shown.locator('.scores tbody tr').count(), Object.keys(answer.scores).length);
      await shown.getByText(answer.id).first().waitFor();
      for (const details of await shown.locator('details').all()) await details.locator('summary').first().click();
      await shown.locator('.chart table').nth(1).waitFor();
      assert.equal(await shown.locator('.chart table').nth(1).locator('tbody tr').count(), answer.trajectory.length, 'the table behind the course');
      await accessible(page);
      await close();
    });

    test('to those who hear the page the answer says what it is, and no sign and no second button for a file is read out', async () => {
      const { page, close } = await open();
      const heard = await page.locator('#page').ariaSnapshot();
      assert.equal(heard.match(/- button .*(?:file|fichier)/gi)?.length, 1, heard);
      assert.ok(heard.includes(`textbox "${language === 'fr' ? 'Âge (ans' : 'Age (years'}, ${w('form.required')})"`));
      await page.selectOption('#example', 'decline');
      await page.locator('#lactate-11').waitFor();
      await page.click('#predict');
      await page.locator('.verdict.alert').waitFor();
      assert.equal(await page.evaluate(() => document.activeElement?.id), 'answer');
      const debug = await page.context().newCDPSession(page);
      const { root } = await debug.send('DOM.getDocument');
      const { nodeId } = await debug.send('DOM.querySelector', { nodeId: root.nodeId, selector: '#answer' });
      const { nodes } = await debug.send('Accessibility.getPartialAXTree', { nodeId, fetchRelatives: false });
      const said = nodes[0]?.description?.value ?? '';
      for (const part of [w('prediction.Positive'), w('state.alert'), w('answer.within'), '%']) assert.ok(said.includes(part), said);
      assert.doesNotMatch(said, /[▲◆○]/);
      await close();
    });

    test('the course marks its thresholds for those who do not tell its colours apart', async () => {
      const { page, close } = await open();
      await page.selectOption('#example', 'decline');
      await page.locator('#lactate-11').waitFor();
      await page.click('#predict');
      await page.locator('.course').waitFor();
      assert.equal(await page.locator('.course .threshold').count(), 2);
      for (const sign of ['▲', '◆']) await page.locator('.course text').getByText(sign).waitFor();
      await close();
    });

    test('every problem of a 422 stands at its field, and a hint cures it by a click', async () => {
      const { page, close } = await open({ expect: refused });
      await page.selectOption('#example', 'mistakes');
      await page.locator('#temperature-0').waitFor();
      await page.click('#predict');
      await page.locator('#answer').getByText(w('refusal.422_title')).waitFor();
      for (const name of ['temperature', 'diastolic_bp', 'fio2', 'creatinine']) {
        assert.equal(await page.getAttribute(`#${name}-0`, 'aria-invalid'), 'true', name);
        assert.notEqual(await page.textContent(`#${name}-0-issue`), '', name);
      }
      await accessible(page);
      assert.equal(await page.locator('#temperature-0-issue .hint').count(), 1, 'the words of the service beside the button');
      await paste(page, '#diastolic_bp-0', '44\n18');
      assert.equal(await page.getAttribute('#diastolic_bp-0', 'aria-invalid'), 'false', 'what was said of the value before is gone');
      for (const name of ['temperature', 'fio2', 'creatinine']) await page.locator(`#${name}-0-issue button`).click();
      assert.equal(await page.inputValue('#temperature-0'), language === 'fr' ? '38,5' : '38.5');
      await page.fill('#diastolic_bp-0', '44');
      const sent = page.waitForRequest((request) => request.method() === 'POST');
      await page.click('#predict');
      assert.deepEqual((await sent).postDataJSON().temperature, { value: 101.3, unit: '[degF]' });
      await page.locator('.verdict').waitFor();
      await close();
    });

    test('what is not a number is said before and after it is sent', async () => {
      const { page, close } = await open({ expect: refused });
      await page.fill('#heart_rate-0', 'abc');
      await page.fill('#age-stay', '1 2 x');
      await page.locator('#heart_rate-0-issue').getByText('abc').waitFor();
      await page.click('#predict');
      await page.locator('#answer').getByText(w('refusal.422_title')).waitFor();
      assert.equal(await page.getAttribute('#heart_rate-0', 'aria-invalid'), 'true');
      assert.equal(await page.getAttribute('#age-stay', 'aria-invalid'), 'true');
      assert.equal(await page.locator('#heart_rate-0-issue .hint').count(), 1);
      assert.equal(await page.locator('#heart_rate-0-issue button').count(), 0, 'there is no unit to convert from');
      assert.equal(await page.locator('#heart_rate-0-issue .original[lang="en"]').count(), language === 'fr' ? 1 : 0);
      for (const field of ['heart_rate-0', 'age-stay']) assert.match(await page.textContent(`#${field}-issue`) ?? '', language === 'fr' ? /pas un nombre/ : /a number is expected/, 'in words of the bedside');
      await close();
    });

    test('a value out of range is said while it is typed', async () => {
      const { page, close } = await open();
      await page.fill('#heart_rate-0', '900');
      await page.press('#heart_rate-0', 'Tab');
      await page.locator('#heart_rate-0-issue .error').waitFor();
      const said = (await page.locator('#heart_rate-0-issue .error').textContent()) ?? '';
      assert.ok((await page.locator('#form-said[role="status"]').textContent())?.endsWith(said), 'it is read out');
      await page.fill('#heart_rate-0', '180');
      await page.press('#heart_rate-0', 'Tab');
      await page.locator('#heart_rate-0-issue .warning').waitFor();
      await page.press('#heart_rate-0', 'ArrowDown');
      assert.equal(await page.evaluate(() => document.activeElement?.id), 'spo2-0');
      await close();
    });

    test('a table of a spreadsheet is pasted, with heads and without', async () => {
      const { page, close } = await open();
      const comma = language === 'fr' ? ',' : '.';
      await paste(page, '#heart_rate-0', `hour\tHR\tTemp\tLactate (mg/dL)\tNonsense\n1\t90\t37${comma}5\t18\tx\n2\t95\t\t\t\n`);
      assert.equal(await page.inputValue('#icu_hour-1'), '2');
      assert.equal(await page.inputValue('#temperature-0'), `37${comma}5`);
      assert.equal(await page.inputValue('#temperature-1'), '');
      assert.equal(await page.locator('td:has(#lactate-0) .typed').textContent(), '18 mg/dL');
      await page.locator('.notices').getByText('Nonsense').waitFor();
      await paste(page, '#heart_rate-1', '101\t103\n96\t95');
      assert.equal(await page.inputValue('#spo2-2'), '95');
      assert.equal(await page.inputValue('#heart_rate-2'), '103');
      await close();
    });

    test('an empty cell that is pasted empties, and that is told', async () => {
      const { page, close } = await open();
      await page.fill('#heart_rate-0', '140');
      await page.fill('#spo2-0', '91');
      await page.fill('#systolic_bp-0', '85');
      await paste(page, '#heart_rate-0', '90\t92\n\t97\n37\t\n');
      assert.deepEqual(await Promise.all(['#heart_rate-0', '#spo2-0', '#spo2-1', '#temperature-0', '#systolic_bp-0'].map((id) => page.inputValue(id))), ['90', '', '97', '37', '85']);
      await page.locator('.notices').getByText(w('import.emptied').split('|')[0]?.replace('{n}', '1') ?? '').waitFor();
      await close();
    });

    test('hours that a pasted table takes the place of are told, and can be put back', async () => {
      const { page, close } = await open();
      await page.fill('#age-stay', '80');
      await page.fill('#heart_rate-0', '140');
      await paste(page, '#lactate-0', `sex\tage\nF\t81\n`);
      assert.equal(await page.inputValue('#age-stay'), '81');
      assert.equal(await page.inputValue('#heart_rate-0'), '140', 'a table of the stay alone takes no hour');
      await page.locator('#lactate-0').evaluate((cell) => cell.scrollIntoView({ block: 'start' }));
      await paste(page, '#lactate-0', 'hour\tlactate\n5\t4\n');
      assert.equal(await page.inputValue('#heart_rate-0'), '');
      await page.locator('.notices').getByText(w('import.replaced')).waitFor();
      await page.waitForFunction(() => { const told = document.querySelector('.notices')?.getBoundingClientRect(); return told !== undefined && told.top >= 0 && told.bottom <= innerHeight; });
      await page.evaluate(() => scrollTo({ top: 0, behavior: 'instant' })); // nothing half below the header
      await accessible(page);
      await page.click('#restore');
      assert.deepEqual(await Promise.all(['#age-stay', '#heart_rate-0', '#lactate-0'].map((id) => page.inputValue(id))), ['81', '140', '']);
      await page.click('#restore');
      assert.equal(await page.inputValue('#age-stay'), '80');
      assert.equal(await page.locator('.notices .notice').count(), 0);
      await close();
    });

    test('what was typed can be put back after the form was cleared or another stay opened, until the form is asked for', async () => {
      const { page, close } = await open();
      const other = language === 'fr' ? 'en' : 'fr';
      const undo = page.locator('.notices .undo');
      const typed = () => Promise.all(['#age-stay', '#lactate-0'].map((id) => page.inputValue(id)));
      await page.click('#clear');
      assert.equal(await undo.count(), 0, 'there was nothing to lose');
      await page.fill('#age-stay', '80');
      await page.fill('#lactate-0', '4');
      await page.click('#predict');
      await page.locator('.verdict').waitFor();
      await page.click('#clear');
      await undo.getByText(w('undo.cleared')).waitFor();
      assert.deepEqual(await typed(), ['', '']);
      await accessible(page);
      await page.click('#language');
      await undo.getByText(words(other, 'undo.cleared')).waitFor();
      await page.click('#language');
      await page.locator(`html[lang="${language}"] #restore`).click();
      assert.deepEqual(await typed(), ['80', '4']);
      await page.locator('.verdict').waitFor();
      assert.equal(await undo.count(), 0);
      const others = [() => page.selectOption('#example', 'now'), () => drop(page, 'one.json', JSON.stringify({ age: 61, icu_hour: 2, lactate: 1 }))];
      for (const another of others) {
        await another();
        await undo.getByText(w('undo.opened')).waitFor();
        await page.click('#restore');
        assert.deepEqual(await typed(), ['80', '4']);
        assert.equal(await page.inputValue('#example'), '');
        assert.ok(await page.locator('#invented').isHidden());
      }
      await page.click('#clear');
      await page.selectOption('#example', 'now');
      await page.selectOption('#example', 'decline');
      await undo.getByText(w('undo.cleared')).waitFor();
      await page.locator('#lactate-11').waitFor();
      await page.click('#restore');
      assert.deepEqual(await typed(), ['80', '4'], 'an example that was looked at meanwhile loses nothing');
      await page.click('#clear');
      await page.fill('#age-stay', '50');
      await page.fill('#lactate-0', '2');
      await page.click('#predict');
      await page.locator('.verdict').waitFor();
      assert.equal(await undo.count(), 0, 'the patient of now is asked for');
      await close();
    });

    test('hours that were removed, and values that were pasted over, can be put back', async () => {
      const { page, close } = await open();
      const undo = page.locator('.notices .undo');
      for (const hour of [0, 1, 2]) {
        if (hour > 0) await page.click('#add-hour');
        if (hour < 2) await page.fill(`#heart_rate-${hour}`, String(90 + hour));
      }
      await page.click('#remove-hour');
      assert.equal(await undo.count(), 0, 'it was empty');
      await page.fill('#spo2-1', '97');
      await page.click('#remove-hour');
      await undo.getByText(w('undo.hour')).waitFor();
      await page.click('#restore');
      assert.deepEqual(await Promise.all(['#heart_rate-0', '#heart_rate-1', '#spo2-1'].map((id) => page.inputValue(id))), ['90', '91', '97']);
      assert.equal(await undo.count(), 0);
      await paste(page, '#heart_rate-0', '100\t91\n95\t');
      await undo.getByText(w('import.overwritten').split('|')[0]?.replace('{n}', '1') ?? '').waitFor();
      await undo.getByText(w('import.emptied').split('|')[0]?.replace('{n}', '1') ?? '').waitFor();
      await page.click('#restore');
      assert.deepEqual(await Promise.all(['#heart_rate-0', '#heart_rate-1', '#spo2-0', '#spo2-1'].map((id) => page.inputValue(id))), ['90', '91', '', '97']);
      await close();
    });

    test('of the stay and of the hours, too, what was pasted over is told and can be put back', async () => {
      const { page, close } = await open();
      const undo = page.locator('.notices .undo');
      const told = (/** @type {string} */ key, /** @type {number} */ n) => undo.getByText(w(key).split('|')[n > 1 ? 1 : 0]?.replace('{n}', String(n)) ?? '').waitFor();
      await page.fill('#age-stay', '30');
      await page.fill('#heart_rate-0', '90');
      await paste(page, '#heart_rate-0', 'age\tsex\n30\tF\n');
      await holds(page, '#sex-stay', 'female');
      assert.equal(await undo.count(), 0, 'it says the same, and adds');
      await paste(page, '#heart_rate-0', 'age\tsex\n60\tM\n');
      await told('import.overwritten', 2);
      await page.click('#restore');
      assert.deepEqual(await Promise.all(['#age-stay', '#sex-stay'].map((id) => page.inputValue(id))), ['30', 'female']);
      await paste(page, '#heart_rate-0', '{"age": 60, "sex": null}');
      await told('import.overwritten', 1);
      await told('import.emptied', 1);
      await page.click('#restore');
      assert.deepEqual(await Promise.all(['#age-stay', '#sex-stay'].map((id) => page.inputValue(id))), ['30', 'female']);
      await paste(page, '#heart_rate-0', 'hour\tHR\tage\n5\t95\t60\n');
      await undo.getByText(w('import.replaced')).waitFor();
      await told('import.overwritten', 1);
      await page.click('#restore');

      await paste(page, '#icu_hour-0', '3\t4\n90\t91');
      await holds(page, '#icu_hour-1', '4');
      assert.equal(await undo.count(), 0, 'there was no hour yet');
      await paste(page, '#icu_hour-0', '3\t7\n');
      await told('import.overwritten', 1);
      await page.click('#restore');
      await paste(page, '#icu_hour-0', '\t4\n');
      await told('import.emptied', 1);
      await page.click('#restore');
      assert.deepEqual(await Promise.all(['#icu_hour-0', '#icu_hour-1', '#heart_rate-0', '#heart_rate-1'].map((id) => page.inputValue(id))), ['3', '4', '90', '91']);
      await close();
    });

    test('what was said of a form comes back with it: its answer, its warnings, its refusal', async () => {
      const { page, close } = await open({ expect: refused });
      await drop(page, 'one.json', JSON.stringify({ age: 60, observations: [{ icu_hour: 4, heart_rate: 90 }, { icu_hour: 5, creatinine: 18 }] }));
      await holds(page, '#creatinine-1', '18');
      await page.click('#predict');
      await page.locator('.verdict').waitFor();
      const warned = page.locator('#creatinine-1-issue .convert');
      await warned.waitFor();
      for (const take of [() => page.click('#remove-hour'), () => paste(page, '#creatinine-0', '1\t2')]) {
        await take();
        await page.getByText(w('answer.stale')).waitFor();
        await page.click('#restore');
        await holds(page, '#creatinine-1', '18');
        assert.ok(await page.getByText(w('answer.stale')).isHidden(), 'it is the answer to this form');
        assert.equal(await warned.count(), 1);
        assert.equal(await page.locator('.notices .notice').count(), 0, 'nothing was typed meanwhile');
      }
      await page.fill('#creatinine-1', '180');
      await page.click('#predict');
      await page.locator('#answer .refusal').waitFor();
      for (const take of [() => page.click('#remove-hour'), () => paste(page, '#creatinine-0', '1\t2')]) {
        await take();
        await page.click('#restore');
        await holds(page, '#creatinine-1', '180');
        assert.equal(await page.getAttribute('#creatinine-1', 'aria-invalid'), 'true');
        assert.equal(await warned.count(), 1);
        await page.locator('#answer').getByText(w('refusal.marked').split('|')[0]?.replace('{n}', '1') ?? '').waitFor();
      }
      await close();
    });

    test('the last ten things that were taken from the form can be put back', async () => {
      const { page, close } = await open();
      for (let turn = 0; turn <= 12; turn += 1) await paste(page, '#heart_rate-0', `${100 + turn}\t90`);
      let back = 0;
      for (; back < 20 && await page.locator('#restore').count() > 0; back += 1) await page.click('#restore');
      assert.equal(back, 10);
      assert.equal(await page.inputValue('#heart_rate-0'), '102');
      await close();
    });

    test('before the page goes, and with it what was typed, the browser asks; nothing of it is stored', async () => {
      const { page, close } = await open();
      /** @type {string[]} */
      const asked = [];
      page.on('dialog', (dialog) => { asked.push(dialog.type()); void dialog.dismiss(); });
      const leave = async () => {
        const before = asked.length;
        await page.evaluate(() => setTimeout(() => location.reload()));
        await Promise.race([page.waitForEvent('dialog'), page.waitForEvent('load')]);
        return asked.length > before;
      };
      assert.equal(await leave(), false, 'an empty form');
      await page.locator('#example option[value="now"]').waitFor({ state: 'attached' });
      await page.selectOption('#example', 'now');
      assert.equal(await leave(), false, 'an example');
      await page.fill('#age-stay', '80');
      assert.equal(await leave(), true);
      assert.equal(await page.inputValue('#age-stay'), '80', 'who stays keeps it');
      await paste(page, '#heart_rate-0', 'hour\tHR\n1\t90\n');
      await page.fill('#age-stay', '');
      assert.equal(await leave(), true, 'what was pasted');
      const stored = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
      assert.equal(stored, '[{},{},""]');
      await page.click('#clear');
      assert.equal(await leave(), false, 'it was cleared on purpose');
      await close();
    });

    test('what is told of a file stays over another language and another screen, in the language of now', async () => {
      const { page, close } = await open();
      const other = language === 'fr' ? 'en' : 'fr';
      await page.setInputFiles('#file', { name: 'real.csv', mimeType: 'text/plain', buffer: Buffer.from('Age;HR;Ward\n44;80;x\n') });
      const told = (/** @type {'fr' | 'en'} */ spoken) => page.locator('.notices').getByText(`${words(spoken, 'import.unknown').replace('{name}', 'Ward')} (real.csv)`).waitFor();
      await told(language);
      await page.click('#language');
      await told(other);
      await page.click('nav a[href="#/api"]');
      await page.getByText(words(other, 'api.note')).waitFor();
      await page.goBack();
      await told(other);
      await close();
    });

    test('what to do about a refusal or a warning is said in the language of the page, without JSON', async () => {
      const { page, close } = await open({ expect: refused });
      /** @type {[string, object, string[]][]} */
      const cases = [
        ['.form', { heart_rate: 90 }, ['hint.field.age']],
        ['#answer', { age: 60, icu_hour: 3 }, ['hint.missing_field.whole']],
        ['.form', { age: 'x', hours_in_hospital_before_icu: 'k', sex: 'X', icu_unit: 'y', icu_hour: 'z', heart_rate: 'abc', lactate: { value: 2, unit: 'foo' } },
          ['hint.field.age', 'hint.choices', 'hint.choices', 'hint.field.hours_in_hospital_before_icu', 'hint.field.icu_hour', 'hint.number', 'hint.units']],
        ['.form', { age: 60, observations: [{ heart_rate: 90 }, { icu_hour: 3, heart_rate: 91 }, { icu_hour: 2, heart_rate: 92 }] }, ['hint.field.icu_hour', 'hint.time_order']],
        ['.form', { age: 60, icu_hour: 0, heart_rate: 90 }, ['hint.field.icu_hour']],
        ['.form', { age: 60, icu_hour: 5, calcium: 2.3 }, ['hint.unit']],
        ['.form', { age: 60, icu_hour: 5, calcium: { value: 1.15, unit: 'mmol/L' } }, ['hint.calcium_looks_ionised']],
        ['.form', { age: 60, icu_hour: 5, lactate: 15, base_excess: 0 }, ['hint.unit']],
        ['.form', { age: 60, icu_hour: 5, hemoglobin: 6.2, hematocrit: 30 }, ['hint.unit']],
      ];
      for (const [place, body, keys] of cases) {
        await page.click('#clear');
        await drop(page, 'one.json', JSON.stringify(body));
        await page.waitForFunction(() => [...document.querySelectorAll('.form input')].some((input) => /** @type {HTMLInputElement} */ (input).value !== ''));
        await page.click('#predict');
        await page.locator('#answer .refusal, #answer .verdict').waitFor();
        const hints = page.locator(`${place} .hint`);
        assert.equal(await hints.count(), keys.length, JSON.stringify(body));
        for (const [index, key] of keys.entries()) assert.match(await hints.nth(index).textContent() ?? '', new RegExp(`^${w(key).replace(/[.?+()]/g, '\\$&').replace(/\{\w+\}/g, '.+')}$`), `${key} of ${JSON.stringify(body)}`);
        assert.equal(await page.locator('.hint[lang="en"]').count(), 0, JSON.stringify(body));
        assert.doesNotMatch(await page.locator('main').innerText(), /\{"/);
      }
      await close();
    });

    test('a value that another one casts doubt on is converted by a click, once for all that is said of it', async () => {
      const { page, close } = await open();
      await drop(page, 'one.json', JSON.stringify({ age: 60, icu_hour: 5, lactate: 37, base_excess: 0, hemoglobin: 6.2, hematocrit: 30 }));
      await holds(page, '#lactate-0', '37');
      await page.click('#predict');
      await page.locator('.verdict').waitFor();
      assert.equal(await page.locator('#lactate-0-issue .issue').count(), 2, 'unusual, and without an acidosis');
      for (const name of ['lactate', 'hemoglobin']) {
        assert.equal(await page.locator(`#${name}-0-issue .hint`).count(), 1, name);
        await page.locator(`#${name}-0-issue .convert`).click();
      }
      const sent = page.waitForRequest((request) => request.method() === 'POST');
      await page.click('#predict');
      const { lactate, hemoglobin } = (await sent).postDataJSON();
      assert.deepEqual({ lactate, hemoglobin }, { lactate: { value: 37, unit: 'mg/dL' }, hemoglobin: { value: 6.2, unit: 'mmol/L' } });
      await close();
    });

    test('a hint to a field that the page does not know stays as it is, whatever the field is called', async () => {
      const { page, close } = await open({ expect: refused });
      const hint = 'send it elsewhere';
      await page.route(/predict\/patient\?/, (route) => route.fulfill({
        status: 422, contentType: 'application/problem+json', json: { title: 'x', status: 422, errors: [{ code: 'unknown_field', location: 'body.unit', message: 'x', hint }] },
      }));
      await page.click('#predict');
      await page.locator('#answer .hint[lang="en"]').getByText(hint).waitFor();
      await close();
    });

    test('JSON that says nothing, or two things, leaves what was typed', async () => {
      const { page, close } = await open();
      await page.fill('#heart_rate-0', '111');
      for (const [text, told] of /** @type {const} */ ([['[1, 2]', w('import.nothing')], ['Bien\nCalme\n37', w('import.nothing')], ['{"resourceType": "Patient"}', w('import.fhir')], ['{"heart_rate": 90,\n"heart_rate": 120}', w('import.doubled').replace('{name}', 'heart_rate').replace('{line}', '2')]])) {
        await paste(page, '#heart_rate-0', text);
        await page.locator('.notices').getByText(told).waitFor();
        assert.equal(await page.inputValue('#heart_rate-0'), '111', text);
      }
      await close();
    });

    test('a file that cannot be read is told', async () => {
      const { page, close } = await open();
      await page.evaluate(() => { Blob.prototype.arrayBuffer = () => Promise.reject(new DOMException('gone', 'NotReadableError')); });
      await page.setInputFiles('#file', { name: 'gone.csv', mimeType: 'text/plain', buffer: Buffer.from('HR\n90\n') });
      await page.locator('.notices .error').getByText(`${w('import.unreadable')} (gone.csv)`).waitFor();
      await close();
    });

    test('an hour that was removed takes with it what was said of it; cells are named after the hour that is typed', async () => {
      const { page, close } = await open();
      await page.fill('#heart_rate-0', '90');
      await page.click('#add-hour');
      await page.fill('#heart_rate-1', '999');
      await page.press('#heart_rate-1', 'Tab');
      await page.locator('#heart_rate-1[aria-invalid="true"]').waitFor();
      await page.click('#remove-hour');
      await page.click('#add-hour');
      assert.equal(await page.getAttribute('#heart_rate-1', 'aria-invalid'), 'false');
      assert.equal(await page.textContent('#heart_rate-1-issue'), '');
      await page.fill('#icu_hour-1', '12');
      assert.match(await page.getAttribute('#heart_rate-1', 'aria-label') ?? '', / 12,/);
      await close();
    });

    test('a row keeps its unit over a visit to another screen and in the other language', async () => {
      const { page, close } = await open();
      await page.selectOption('#unit-lactate', 'mg/dL');
      await page.fill('#lactate-0', '20');
      await page.click('nav a[href="#/api"]');
      await page.getByText(w('api.note')).waitFor();
      await page.goBack();
      await page.locator('#lactate-0').waitFor();
      assert.deepEqual([await page.inputValue('#unit-lactate'), await page.inputValue('#lactate-0')], ['mg/dL', '20']);
      await page.click('#language');
      await page.locator(`html[lang="${language === 'fr' ? 'en' : 'fr'}"] #lactate-0`).waitFor();
      assert.deepEqual([await page.inputValue('#unit-lactate'), await page.inputValue('#lactate-0')], ['mg/dL', '20']);
      await close();
    });

    test('a refusal is told in the language of now', async () => {
      const { page, close } = await open({ expect: refused });
      const other = language === 'fr' ? 'en' : 'fr';
      await page.fill('#icu_hour-0', '9000');
      await page.fill('#heart_rate-0', '90');
      await page.click('#predict');
      await page.locator('#answer').getByText(w('refusal.422_title')).waitFor();
      await page.click('#language');
      await page.locator('#answer').getByText(words(other, 'refusal.422_title')).waitFor();
      const issue = page.locator('#icu_hour-0-issue');
      assert.equal(await issue.locator('.original').count(), other === 'fr' ? 1 : 0);
      assert.match(await issue.textContent() ?? '', other === 'fr' ? /8\s784/ : /at most 8784/, 'the range, in words of the language');
      await page.fill('#icu_hour-0', '9');
      await page.click('#language');
      await page.locator('#answer').getByText(w('refusal.422_title')).waitFor();
      assert.equal(await issue.textContent(), '', 'what was corrected is not marked again');
      await close();
    });

    test('one number that is pasted stays one, whatever divides its decimals', async () => {
      const { page, close } = await open();
      await paste(page, '#lactate-0', '1,8');
      assert.equal(await page.inputValue('#lactate-0'), '1,8');
      assert.equal(await page.locator('#lactate-1').count(), 0);
      await paste(page, '#temperature-0', '38,5\t38,9');
      assert.equal(await page.inputValue('#temperature-1'), language === 'fr' ? '38,9' : '38.9');
      await close();
    });

    test('a block fills the hours from their heads, closed groups too, is drawn once, and what does not fit is told', async () => {
      const { page, close } = await open();
      await page.evaluate(() => {
        const form = document.querySelector('.form');
        Reflect.set(window, 'drawings', 0);
        if (form !== null) new MutationObserver((records) => Reflect.set(window, 'drawings', Reflect.get(window, 'drawings') + records.filter((record) => record.removedNodes.length > 0).length)).observe(form, { childList: true });
      });
      await paste(page, '#icu_hour-0', '3\t4\t5\t6\n90\t\t91\t92');
      assert.deepEqual(await Promise.all(['#icu_hour-0', '#icu_hour-3', '#heart_rate-0', '#heart_rate-1', '#heart_rate-3'].map((id) => page.inputValue(id))), ['3', '6', '90', '', '92']);
      assert.equal(await page.evaluate(() => Reflect.get(window, 'drawings')), 1);
      await paste(page, '#heart_rate-0', Array.from({ length: 36 }, (_, row) => `${row + 1}\t`).join('\n'));
      assert.equal(await page.locator('tr[data-variable]').count(), 34, 'all groups');
      assert.equal(await page.locator('tr[data-variable]').last().locator('input').first().inputValue(), '34');
      await page.locator('.notices .error').getByText('2').waitFor();
      await close();
    });

    test('a pasted table adds to the stay that was typed, and its word counts', async () => {
      const { page, close } = await open();
      await page.fill('#age-stay', '67');
      await page.selectOption('#sex-stay', 'female');
      await page.fill('#patient_id-stay', 'Bed 7');
      await paste(page, '#heart_rate-0', 'hour\tHR\tAge\n1\t90\t68\n2\t95\t68\n');
      assert.deepEqual(await Promise.all(['#age-stay', '#sex-stay', '#patient_id-stay', '#heart_rate-1'].map((id) => page.inputValue(id))), ['68', 'female', 'Bed 7', '95']);
      await close();
    });

    test('a pasted table of another patient takes the place of the one before, and that is told', async () => {
      const { page, close } = await open();
      await page.fill('#patient_id-stay', 'ALICE');
      await page.fill('#age-stay', '30');
      await page.selectOption('#sex-stay', 'female');
      await paste(page, '#heart_rate-0', 'patient_id\ticu_hour\theart_rate\nBOB\t5\t120\n');
      await page.locator('.notices').getByText(w('import.another').replace('{before}', 'ALICE').replace('{after}', 'BOB')).waitFor();
      assert.deepEqual(await Promise.all(['#age-stay', '#sex-stay', '#patient_id-stay', '#heart_rate-0'].map((id) => page.inputValue(id))), ['', '', 'BOB', '120']);
      await accessible(page);
      await paste(page, '#heart_rate-0', 'patient_id\tage\nBOB\t60\n');
      assert.deepEqual(await Promise.all(['#age-stay', '#patient_id-stay'].map((id) => page.inputValue(id))), ['60', 'BOB']);
      assert.equal(await page.locator('.notices .notice:not(.undo)').count(), 0, 'the same patient is added to');
      await page.click('#restore');
      assert.deepEqual(await Promise.all(['#age-stay', '#sex-stay', '#patient_id-stay', '#heart_rate-0'].map((id) => page.inputValue(id))), ['30', 'female', 'ALICE', '']);
      await page.click('#restore');
      assert.deepEqual(await Promise.all(['#age-stay', '#patient_id-stay', '#heart_rate-0'].map((id) => page.inputValue(id))), ['60', 'BOB', '120'], 'what was pasted since is not lost either');
      await close();
    });

    test('no example stays chosen over a file; one that was pasted over stays one', async () => {
      const { page, close } = await open();
      await page.selectOption('#example', 'decline');
      await page.locator('#lactate-11').waitFor();
      await paste(page, '#heart_rate-11', 'hour\tHR\n1\t90\n');
      assert.ok(await page.locator('#invented').isVisible(), 'its age is invented');
      await page.setInputFiles('#file', { name: 'real.csv', mimeType: 'text/plain', buffer: Buffer.from('Age;HR;Ward\n44;80;x\n') });
      await holds(page, '#age-stay', '44');
      assert.equal(await page.inputValue('#example'), '');
      assert.ok(await page.locator('#invented').isHidden());
      await page.locator('.notices').getByText('Ward (real.csv)').waitFor();
      assert.equal(await page.inputValue('#file'), '', 'the same file can be opened again');
      await close();
    });

    test('the language can be changed in mid-entry: what is sent stays the same', async () => {
      const { page, close } = await open();
      await page.selectOption('#example', 'decline');
      await page.locator('#lactate-11').waitFor();
      await page.fill('#age-stay', language === 'fr' ? '67,5' : '67.5');
      const asked = async () => {
        const sent = page.waitForRequest((request) => request.method() === 'POST');
        await page.click('#predict');
        const body = (await sent).postDataJSON();
        await page.locator('.verdict').waitFor();
        return body;
      };
      const before = await asked();
      assert.equal(before.age, 67.5);
      await page.click('#language');
      await holds(page, '#age-stay', language === 'fr' ? '67.5' : '67,5');
      assert.deepEqual(await asked(), before);
      const sent = page.waitForRequest((request) => request.method() === 'POST');
      await page.selectOption('#what-if-variable', 'temperature');
      await page.fill('#what-if-value', language === 'fr' ? '38.5' : '38,5');
      await page.click('#what-if-ask');
      assert.equal((await sent).postDataJSON().observations.at(-1).temperature, 38.5);
      await close();
    });

    test('files are opened and dropped: the Challenge\'s, flow sheets, JSON', async () => {
      const { page, close } = await open();
      await page.setInputFiles('#file', { name: 'p1.psv', mimeType: 'text/plain', buffer: Buffer.from('HR|Temp|Age|Gender|Unit1|Unit2|HospAdmTime|ICULOS|SepsisLabel\n90|NaN|61.5|1|0|1|-3.5|7|0\n92|38.4|61.5|1|0|1|-3.5|8|1\n') });
      await holds(page, '#sex-stay', 'male');
      await holds(page, '#icu_unit-stay', 'surgical');
      await holds(page, '#hours_in_hospital_before_icu-stay', language === 'fr' ? '3,5' : '3.5');
      await holds(page, '#icu_hour-1', '8');
      await page.getByText(w('import.label')).waitFor();
      await drop(page, 'flow.csv', 'variable;1;2;3\nheart_rate;80;82;84\nLactate;1.1;;2.4\nage;70;;\n');
      await holds(page, '#heart_rate-2', '84');
      await holds(page, '#lactate-1', '');
      await drop(page, 'one.json', JSON.stringify({ age: 50, icu_hour: 3, heart_rate: 88, lactate: { value: 27, unit: 'mg/dL' } }));
      await holds(page, '#age-stay', '50');
      await page.click('#predict');
      await page.locator('.verdict').waitFor();
      await drop(page, 'broken.json', '{"age": ');
      await page.locator('.notices .error').getByText('broken.json').waitFor();
      await drop(page, 'two.csv', 'Age;HR\n51;80\n', 'other.csv');
      await holds(page, '#age-stay', '51');
      await page.locator('.notices').getByText('other.csv').waitFor();
      await close();
    });

    test('what cannot be judged never looks calm, and the word of the API stays in sight', async () => {
      const { page, close } = await open();
      await page.fill('#age-stay', '50');
      await page.fill('#icu_hour-0', '1');
      await page.fill('#lactate-0', '1');
      const answering = page.waitForResponse((response) => response.url().includes('/predict/patient'));
      await page.click('#predict');
      const answer = /** @type {import('../assets/api.js').Schemas['Answer']} */ (await (await answering).json());
      assert.deepEqual([answer.prediction, answer.alert, answer.reliability.level], ['Negative', false, 'indeterminate']);
      await page.locator('.verdict.unjudged').getByText(w('prediction.Negative'), { exact: true }).waitFor();
      await page.locator('.verdict').getByText(w('answer.unjudged'), { exact: true }).waitFor();
      assert.equal(await page.locator('.verdict .badge').innerText(), `? ${w('state.unjudged')}`);
      assert.equal(await page.getByText(w('state.calm'), { exact: false }).count(), 0);
      await accessible(page);
      await close();
    });

    test('what-if asks again without the patient\'s name', async () => {
      const { page, close } = await open();
      await page.selectOption('#example', 'decline');
      await page.locator('#lactate-11').waitFor();
      await page.fill('#patient_id-stay', 'bed 7');
      await page.click('#predict');
      await page.selectOption('#what-if-variable', 'lactate');
      await page.fill('#what-if-value', '1');
      const sent = page.waitForRequest((request) => request.method() === 'POST');
      await page.click('#what-if-ask');
      assert.ok((await sent).url().includes('hypothetical=true'), 'the monitoring must not count it');
      const body = (await sent).postDataJSON();
      assert.equal(body.patient_id, undefined);
      assert.equal(body.observations.at(-1).lactate, 1);
      await page.locator('#what-if-result .badge').waitFor();
      await close();
    });

    test('what is supposed, and what was answered to it, stay over another language and another screen, until the form is asked for again', async () => {
      const { page, close } = await open();
      const other = language === 'fr' ? 'en' : 'fr';
      await page.selectOption('#example', 'now');
      await page.locator('#lactate-0').waitFor();
      await page.click('#predict');
      await page.selectOption('#what-if-variable', 'temperature');
      await page.fill('#what-if-value', language === 'fr' ? '36,5' : '36.5');
      const asked = await hold(page, /hypothetical=true/);
      await page.click('#what-if-ask');
      await asked.reach(1);
      await page.click('#language');
      await page.locator('#what-if-result').getByText(words(other, 'answer.asking')).waitFor();
      await asked.release(0);
      const said = page.locator('#what-if-result').getByText(words(other, 'what_if.result').replace(/^\{before\} | \{after\}$/g, ''));
      await said.waitFor();
      await page.click('nav a[href="#/api"]');
      await page.getByText(words(other, 'api.note')).waitFor();
      await page.goBack();
      await said.waitFor();
      await page.unroute(/hypothetical=true/);
      assert.deepEqual(await Promise.all(['#what-if-variable', '#what-if-value'].map((id) => page.inputValue(id))), ['temperature', other === 'fr' ? '36,5' : '36.5']);
      await page.click('#predict');
      await said.waitFor({ state: 'detached' });
      assert.equal(await page.textContent('#what-if-result'), '');
      await close();
    });

    test('what-if begins with the latest value and says how old it is', async () => {
      const { page, close } = await open();
      await drop(page, 'one.json', JSON.stringify({ age: 60, observations: [{ icu_hour: 5, lactate: 4.1, heart_rate: 90 }, { icu_hour: 6, heart_rate: 91 }, { icu_hour: 8, heart_rate: 92 }] }));
      await holds(page, '#lactate-0', language === 'fr' ? '4,1' : '4.1');
      await page.click('#predict');
      for (const [name, value, age] of /** @type {const} */ ([['lactate', language === 'fr' ? '4,1' : '4.1', w('drivers.ago').replace('{n}', '3')], ['heart_rate', '92', w('drivers.now')], ['wbc', '', w('drivers.unmeasured')]])) {
        await page.selectOption('#what-if-variable', name);
        assert.equal(await page.inputValue('#what-if-value'), value);
        assert.equal(await page.textContent('#what-if-age'), age);
      }
      await close();
    });

    test('the answer of a what-if goes when its value is changed, also while it is waited for', async () => {
      const { page, close } = await open();
      await page.selectOption('#example', 'now');
      await page.locator('#lactate-0').waitFor();
      await page.click('#predict');
      await page.locator('.verdict').waitFor();
      await page.selectOption('#what-if-variable', 'lactate');
      await page.fill('#what-if-value', '2');
      await page.click('#what-if-ask');
      await page.locator('#what-if-result .badge').waitFor();
      await page.fill('#what-if-value', '3');
      assert.equal(await page.textContent('#what-if-result'), '');
      const asked = await hold(page, /hypothetical=true/);
      await page.click('#what-if-ask');
      await asked.reach(1);
      await page.fill('#what-if-value', '4');
      await asked.release(0);
      assert.equal(await page.textContent('#what-if-result'), '');
      await close();
    });

    test('what-if sends the unit that it shows, whatever unit the form has turned to', async () => {
      const { page, close } = await open();
      for (const [field, value] of [['age-stay', '60'], ['icu_hour-0', '5'], ['heart_rate-0', '100'], ['lactate-0', '4']]) await page.fill(`#${field}`, value ?? '');
      await page.click('#predict');
      await page.locator('.verdict').waitFor();
      for (const [name, choose] of /** @type {const} */ ([['lactate', () => page.selectOption('#unit-lactate', 'mg/dL')], ['creatinine', () => page.selectOption('#system', 'si')]])) {
        await page.selectOption('#what-if-variable', name);
        const unit = await page.textContent('.what-if .unit');
        await choose();
        assert.equal(await page.textContent('.what-if .unit'), unit);
        await page.fill('#what-if-value', '8');
        const sent = page.waitForRequest((request) => request.url().includes('hypothetical=true'));
        await page.click('#what-if-ask');
        assert.equal((await sent).postDataJSON()[name], 8, `${name} in ${unit}, which is the API's own`);
      }
      await close();
    });

    for (const theme of /** @type {const} */ (['light', 'dark'])) {
      test(`while the answer is waited for that is said, it is asked for once, and what is typed meanwhile makes it out of date, ${theme}`, async () => {
        const { page, close } = await open({ theme });
        const asked = await hold(page, /predict\/patient\?/);
        await page.selectOption('#example', 'now');
        await page.locator('#lactate-0').waitFor();
        await page.press('#lactate-0', 'Enter');
        await page.press('#lactate-0', 'Enter');
        await page.click('#predict', { force: true });
        await page.locator('#answer').getByText(w('answer.asking')).waitFor();
        await accessible(page);
        await page.fill('#lactate-0', '9');
        await asked.release(0);
        await page.locator('.verdict').waitFor();
        await page.getByText(w('answer.stale')).waitFor();
        assert.equal(await page.evaluate(() => document.activeElement?.id), 'lactate-0', 'what is being typed keeps the focus');
        await accessible(page);
        await page.click('#predict');
        await asked.reach(2);
        await page.locator('#answer').getByText(w('answer.asking')).waitFor();
        await accessible(page);
        assert.equal((await asked.release(1)).request().postDataJSON().lactate, 9);
        await page.getByText(w('answer.stale')).waitFor({ state: 'hidden' });
        assert.equal(asked.count(), 2, 'requests');
        await close();
      });
    }

    test('a late answer never stands beside another patient', async () => {
      const { page, close } = await open();
      const asked = await hold(page, /predict\/patient\?/);
      const others = [() => page.selectOption('#example', 'decline'), () => page.click('#clear'), () => drop(page, 'one.json', JSON.stringify({ age: 60, icu_hour: 2, heart_rate: 90 }))];
      for (const [index, other] of others.entries()) {
        await page.selectOption('#example', 'now');
        await page.locator('#lactate-0').waitFor();
        await page.click('#predict');
        await asked.reach(index + 1);
        await other();
        await page.locator('#answer').getByText(w('answer.empty')).waitFor();
        await asked.release(index);
        assert.equal(await page.locator('.verdict').count(), 0);
      }
      await page.click('#predict');
      await asked.reach(others.length + 1);
      const answer = await (await asked.release(others.length)).json();
      await page.locator('#answer .origin').getByText(answer.id).waitFor();
      await close();
    });

    test('an answer that comes while the language changes is shown in the new one', async () => {
      const { page, close } = await open();
      const asked = await hold(page, /predict\/patient\?/);
      await page.selectOption('#example', 'now');
      await page.locator('#lactate-0').waitFor();
      await page.click('#predict');
      await asked.reach(1);
      await page.click('#language');
      const other = language === 'fr' ? 'en' : 'fr';
      await page.locator('#answer').getByText(words(other, 'answer.asking')).waitFor();
      await asked.release(0);
      await page.locator('.verdict').getByText(words(other, 'answer.within')).waitFor();
      await close();
    });

    test('the hours that cannot be judged are marked in the course and its table, which is made when it is opened', async () => {
      const { page, close } = await open();
      await drop(page, 'one.json', JSON.stringify({ age: 60, observations: [{ icu_hour: 1, lactate: 1 }, { icu_hour: 2, heart_rate: 80, temperature: 37, spo2: 97, systolic_bp: 120, respiratory_rate: 14, wbc: 8 }] }));
      await holds(page, '#lactate-0', '1');
      const answered = page.waitForResponse((response) => response.url().includes('/predict/patient'));
      await page.click('#predict');
      const answer = await (await answered).json();
      await page.locator('.course').waitFor();
      assert.equal(answer.trajectory[0].reliability, 'indeterminate');
      assert.equal(await page.locator('.course .doubted').count(), answer.trajectory.filter((/** @type {{reliability: string}} */ moment) => moment.reliability === 'indeterminate').length);
      const chart = page.locator('figure', { has: page.locator('.course') });
      assert.equal(await chart.locator('table').count(), 0);
      await chart.locator('summary').click();
      await chart.locator('table tbody tr').first().getByText(w('level.indeterminate'), { exact: true }).waitFor();
      await close();
    });

    test('the link is copied without the browser\'s clipboard, as over plain HTTP', async () => {
      const { page, close } = await open();
      await page.selectOption('#example', 'now');
      await page.locator('#lactate-0').waitFor();
      await page.click('#predict');
      await page.locator('.verdict').waitFor();
      await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true }));
      await page.click('#share');
      await page.locator('.share').getByText(w('code.copied')).waitFor();
      await page.focus('#patient_id-stay');
      await page.keyboard.press('Control+V');
      assert.ok((await page.inputValue('#patient_id-stay')).includes('/#/record/'));
      await page.evaluate(() => { document.execCommand = () => false; });
      await page.click('#share');
      await page.locator('.share').getByText(w('code.not_copied')).waitFor();
      await close();
    });

    test('a file that is dropped beside the form does not take the page away', async () => {
      const { page, close } = await open();
      const stopped = await page.evaluate(() => ['dragover', 'drop'].map((type) => {
        const files = new DataTransfer();
        files.items.add(new File(['x'], 'x.csv'));
        return document.querySelector('header')?.dispatchEvent(new DragEvent(type, { dataTransfer: files, bubbles: true, cancelable: true }));
      }));
      assert.deepEqual(stopped, [false, false]);
      await close();
    });

    test('the list of examples is asked for again when it could not be fetched', async () => {
      const { page, close } = await open({ expect: /ERR_FAILED/ });
      await page.route(/examples\.json/, (route) => route.abort());
      await page.reload();
      await page.locator('#example').waitFor();
      assert.equal(await page.locator('#example option').count(), 1);
      await page.unroute(/examples\.json/);
      await page.focus('#example');
      await page.locator('#example option[value="now"]').waitFor({ state: 'attached' });
      await close();
    });

    test('the link holds the number of the answer and nothing else; code can be copied', async () => {
      const { page, close } = await open();
      await page.selectOption('#example', 'now');
      await page.locator('#lactate-0').waitFor();
      const answered = page.waitForResponse((response) => response.url().includes('/predict/patient'));
      await page.click('#predict');
      const { id } = await (await answered).json();
      await page.click('#share');
      await page.locator('.share').getByText(w('code.copied')).waitFor();
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${service.url}/#/record/${id}`);
      await page.getByText(w('code.title')).click();
      for (const [name, part] of [['curl', 'curl -X POST'], ['Python', 'urllib.request'], ['Go', 'http.NewRequest("POST"']]) {
        await page.getByRole('button', { name, exact: true }).click();
        await page.locator('.snippets pre').getByText(part ?? '').waitFor();
        await page.locator('.snippets pre').getByText('"heart_rate": 118').waitFor();
      }
      await close();
    });

    test('the answer prints on one page', async () => {
      const { page, close } = await open();
      await page.selectOption('#example', 'decline');
      await page.locator('#lactate-11').waitFor();
      await page.click('#predict');
      await page.locator('.verdict').waitFor();
      const document = await page.pdf({ format: 'A4', preferCSSPageSize: true });
      assert.equal(document.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length, 1, 'pages');
      await close();
    });

    test('it prints black on white though the dark theme was chosen, with every value of a single hour', async () => {
      const { page, close } = await open();
      await page.click('#theme');
      await page.click('#theme');
      assert.equal(await page.getAttribute('html', 'data-theme'), 'dark');
      await page.selectOption('#example', 'now');
      await page.locator('#lactate-0').waitFor();
      await page.click('#predict');
      await page.locator('.verdict').waitFor();
      assert.ok(await page.locator('.on-paper').isHidden(), 'on the screen the form shows them');
      await page.emulateMedia({ media: 'print' });
      const typed = await page.locator('tr[data-variable] td.cell').evaluateAll((cells) => cells.map((cell) => cell.querySelector('.typed')?.textContent ?? cell.querySelector('input')?.value ?? '').filter((text) => text !== ''));
      const printed = await page.locator('.on-paper li strong').allInnerTexts();
      assert.ok(typed.length > 5);
      assert.equal(printed.length, typed.length);
      for (const text of typed) assert.ok(printed.some((words) => words === text || words.startsWith(`${text} `)), `${text} is printed`);
      const colours = await page.evaluate(() => [getComputedStyle(document.documentElement).colorScheme, getComputedStyle(/** @type {Element} */ (document.querySelector('.verdict'))).color]);
      assert.deepEqual(colours, ['light', 'rgb(20, 33, 42)']);
      const document_ = await page.pdf({ format: 'A4', preferCSSPageSize: true });
      assert.equal(document_.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length, 1, 'pages');
      await close();
    });

    test('on a phone the button and the answer in a word stay at hand and hide no field', async () => {
      const { page, close } = await open({ width: 360, height: 740, fingers: true, expect: refused });
      const inSight = (/** @type {string} */ selector) => page.locator(selector).evaluate((element) => {
        const { left, right, top, bottom } = element.getBoundingClientRect();
        return [[left, top], [right, top], [left, bottom], [right, bottom]].every(([x, y]) => element.contains(document.elementFromPoint((x ?? 0) + (x === left ? 8 : -8), (y ?? 0) + (y === top ? 8 : -8))));
      });
      assert.ok(await inSight('#predict'), 'the button, before anything is scrolled');
      assert.ok(await page.locator('#brief').isHidden(), 'there is no answer yet');
      await page.focus('#age-stay');
      for (let turn = 0; turn < 60; turn += 1) {
        const id = await page.evaluate(() => document.activeElement?.id ?? '');
        if (id === 'predict') break;
        if (id !== '') assert.ok(await inSight(`#${id}`), `${id} has the focus and is hidden`);
        await page.keyboard.press('Tab');
      }
      assert.equal(await page.evaluate(() => document.activeElement?.id), 'predict');

      await page.fill('#age-stay', '60');
      await page.fill('#heart_rate-0', '900');
      await page.click('#predict');
      const brief = page.locator('#brief');
      await brief.getByText(w('refusal.422_title')).waitFor();
      await page.locator('#answer').evaluate((answer) => answer.scrollIntoView());
      await brief.dispatchEvent('click');
      assert.equal(await page.evaluate(() => document.activeElement?.id), 'heart_rate-0', 'it leads to what was refused');
      assert.ok(await inSight('#heart_rate-0'));

      await page.fill('#age-stay', '61');
      assert.ok(await brief.isVisible(), 'another field was changed');
      await page.fill('#heart_rate-0', '90');
      assert.ok(await brief.isHidden(), 'what was refused is corrected');
      await page.fill('#age-stay', '60');
      const answered = page.waitForResponse((response) => response.url().includes('/predict/patient'));
      await page.click('#predict');
      const { probability } = await (await answered).json();
      await page.locator('.verdict').waitFor();
      const figure = new Intl.NumberFormat(language, { style: 'percent', minimumFractionDigits: 1 }).format(probability);
      assert.ok(probability < 0.1);
      await page.locator('#age-stay').evaluate((field) => field.scrollIntoView());
      await brief.getByText(figure).waitFor();
      assert.ok(await inSight('#brief'));
      await fits(page);
      await page.setViewportSize({ width: 360, height: 6000 }); // nothing half below the frame or the bar
      await page.evaluate(() => scrollTo({ top: 0, behavior: 'instant' }));
      await accessible(page);
      await page.setViewportSize({ width: 360, height: 740 });
      await page.locator('#age-stay').evaluate((field) => field.scrollIntoView());
      await page.fill('#age-stay', '61');
      await brief.getByText(w('answer.stale_short')).waitFor();
      await brief.click();
      assert.equal(await page.evaluate(() => document.activeElement?.id), 'answer');
      assert.ok(await page.locator('.verdict').evaluate((verdict) => verdict.getBoundingClientRect().top >= 0 && verdict.getBoundingClientRect().top < innerHeight / 2));
      await page.setViewportSize({ width: 1280, height: 900 });
      assert.ok(await brief.isHidden(), 'at a desk the answer stands beside the form');
      await close();
    });

    test('on a phone every field and button takes a finger in a glove, no letter in a field is so small that the browser enlarges the page, and each row shows its unit', async () => {
      const { page, close } = await open({ width: 360, height: 740, fingers: true });
      await page.selectOption('#example', 'decline');
      await page.locator('#lactate-11').waitFor();
      await page.click('#predict');
      await page.locator('.verdict').waitFor();
      const small = await page.locator('main').evaluate((main) => [...main.querySelectorAll('button, input:not(.hidden), select, summary')].filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < 44).map((element) => `${element.tagName} ${element.id} ${element.textContent}`));
      assert.deepEqual(small, []);
      const fine = await page.locator('main').evaluate((main) => [...main.querySelectorAll('input:not(.hidden), select')].filter((element) => parseFloat(getComputedStyle(element).fontSize) < 16).map((element) => element.id));
      assert.deepEqual(fine, []);
      const unit = page.locator('#unit-lactate');
      await unit.scrollIntoViewIfNeeded();
      assert.ok(await unit.evaluate((choice) => {
        const { left, right, top, height } = choice.getBoundingClientRect();
        return [left + 4, right - 4].every((x) => document.elementFromPoint(x, top + height / 2) === choice);
      }), 'whatever hours the table is scrolled to');
      await page.setViewportSize({ width: 1280, height: 900 });
      await page.locator('td.unit #unit-lactate').waitFor();
      await close();
    });

    test('it fits a phone', async () => {
      const { page, close } = await open({ width: 360, height: 740 });
      await page.selectOption('#example', 'decline');
      await page.locator('#lactate-11').waitFor();
      await page.click('#predict');
      await page.locator('.verdict').waitFor();
      await fits(page);
      assert.ok(await page.locator('.verdict').evaluate((element) => element.getBoundingClientRect().top < innerHeight), 'the answer is in sight');
      assert.ok(await page.locator('.research').evaluate((element) => element.getBoundingClientRect().top >= 0), 'research use only is in sight');
      await accessible(page);
      await close();
    });
  });
}

/**
 * @param {import('./browser.js').Page} page
 * @param {string} selector
 * @param {string} text
 */
async function paste(page, selector, text) {
  await page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
  await page.focus(selector);
  await page.keyboard.press('Control+V');
}

/**
 * @param {import('./browser.js').Page} page
 * @param {string} name
 * @param {string} text
 * @param {...string} others names of further files
 */
async function drop(page, name, text, ...others) {
  const transfer = await page.evaluateHandle(([content, ...names]) => {
    const files = new DataTransfer();
    for (const called of names) files.items.add(new File([content ?? ''], called));
    return files;
  }, [text, name, ...others]);
  await page.dispatchEvent('.patient', 'drop', { dataTransfer: transfer });
}

/**
 * Waits until a field holds a value: files are read after the event that brings them.
 * @param {import('./browser.js').Page} page
 * @param {string} selector
 * @param {string} value
 */
async function holds(page, selector, value) {
  await page.waitForFunction(([field, wanted]) => /** @type {HTMLInputElement | null} */ (document.querySelector(field ?? ''))?.value === wanted, [selector, value]);
}
