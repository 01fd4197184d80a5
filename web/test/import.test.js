// What is read of a pasted text and of a file, without a browser: the modules of the page, with the vocabulary of the very service.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, beforeEach, describe, test } from 'node:test';
import { startService } from './service.js';

/** @type {import('./service.js').Service} */
let service;
/** @type {typeof import('../assets/import.js')} */
let page;
/** @type {typeof import('../assets/notice.js')} */
let tell;
/** @type {typeof import('../assets/sheet.js')} */
let sheets;
/** @type {typeof import('../assets/language.js')} */
let language;

const root = { lang: 'fr' };

before(async () => {
  service = await startService();
  const ask = globalThis.fetch;
  Reflect.set(globalThis, 'document', { documentElement: root });
  for (const store of ['sessionStorage', 'localStorage']) Reflect.set(globalThis, store, { getItem: () => null, setItem: () => undefined });
  Reflect.set(globalThis, 'fetch', async (/** @type {string | URL} */ address, /** @type {RequestInit} */ init) => {
    const url = new URL(address, service.url);
    return url.protocol === 'file:' ? new Response(await readFile(url)) : ask(url, init);
  });
  language = await import('../assets/language.js');
  page = await import('../assets/import.js');
  tell = await import('../assets/notice.js');
  sheets = await import('../assets/sheet.js');
  await (await import('../assets/vocabulary.js')).loadVocabulary();
});
after(() => service.stop());
beforeEach(() => speak('en'));

/** @param {import('../assets/language.js').Language} chosen */
function speak(chosen) {
  return language.chooseLanguage(chosen);
}

/**
 * The requests that are made of a file.
 * @param {string} text
 * @param {string} [name]
 */
function bodies(text, name = 'p1.csv') {
  return page.read(name, text).stays.map((stay) => sheets.requestOf(stay.sheet).body);
}

/** @param {string} text */
function notices(text) {
  return page.read('p1.csv', text).notices.map(tell.wordsOf);
}

for (const spoken of /** @type {const} */ (['fr', 'en'])) {
  describe(`a pasted block, ${spoken}`, () => {
    beforeEach(() => speak(spoken));

    test('one number is never a block', () => {
      for (const text of ['1,8', '1.8', '1,8\r\n', '\n1,8\n', '1,2,3', '']) assert.equal(page.block(text), null, JSON.stringify(text));
    });

    test('a comma divides decimals, not cells', () => {
      assert.deepEqual(page.block('1,8\n2,4'), [['1.8'], ['2.4']]);
      assert.deepEqual(page.block('1,8\t2,4\r\n'), [['1.8', '2.4']]);
      assert.deepEqual(page.block('1.8\t2\n-3\t\u22124,5'), [['1.8', '2'], ['-3', '-4.5']]);
    });

    test('semicolons and bars divide cells where every line has them', () => {
      assert.deepEqual(page.block('1;2\n3;4'), [['1', '2'], ['3', '4']]);
      assert.deepEqual(page.block('1|2,5\n3|4'), [['1', '2.5'], ['3', '4']]);
      assert.deepEqual(page.block('1;2\n3'), [['1;2'], ['3']]);
    });

    test('empty cells keep their places, at the edges too', () => {
      assert.deepEqual(page.block('\t5\n\n7\t\n'), [['', '5'], [''], ['7', '']]);
      assert.deepEqual(page.block('90\n\n92\n\n'), [['90'], [''], ['92']]);
      assert.deepEqual(page.block('NaN\t-\n1\tn/a'), [['', ''], ['1', '']]);
    });

    test('a number that may be two is kept so that it is refused', () => {
      assert.deepEqual(page.block('1,200\t3.5'), [['1,200 (?)', '3.5']]);
      assert.deepEqual(page.block('1.200\t3,5'), [['1.200 (?)', '3.5']]);
      assert.deepEqual(page.block('0,125\t2'), [['0.125', '2']], 'no group of thousands begins with 0');
    });
  });

  describe(`a file, ${spoken}`, () => {
    beforeEach(() => speak(spoken));

    test('the file tells which sign divides decimals', () => {
      assert.deepEqual(bodies('age;Temp;Lactate\n61,5;38,9;1,8'), [{ age: 61.5, temperature: 38.9, lactate: 1.8 }]);
      assert.deepEqual(bodies('age\tTemp\n61\t38,9'), [{ age: 61, temperature: 38.9 }]);
      assert.deepEqual(bodies('age;Temp;Platelets\n61;38.9;1,200'), [{ age: 61, temperature: 38.9, platelets: '1,200 (?)' }]);
      assert.deepEqual(bodies('age;Temp;Platelets\n61;38,9;1.200'), [{ age: 61, temperature: 38.9, platelets: '1.200 (?)' }]);
      assert.deepEqual(bodies('age,Platelets\n61,"1,200"'), [{ age: 61, platelets: '1,200 (?)' }]);
    });

    test('quotation marks are honoured', () => {
      assert.deepEqual(bodies('"patient_id","Lactate","Temp"\n"A ""7"", left",1.8,"37,5"\n'), [{ patient_id: 'A "7", left', lactate: 1.8, temperature: 37.5 }]);
      assert.deepEqual(bodies('"HR","Ward; bed","Age"\n90,"3; 7",61'), [{ age: 61, heart_rate: 90 }]);
      assert.deepEqual(bodies('patient_id;HR\r\n"one\r\ntwo";90\r\n'), [{ patient_id: 'one\r\ntwo', heart_rate: 90 }]);
      assert.throws(() => bodies('patient_id,HR\n"A,90'), SyntaxError);
      assert.throws(() => bodies('patient_id,HR\n"A" b,90'), SyntaxError);
    });

    test('a decimal comma that divides cells, too, is refused as a whole', () => {
      for (const text of ['hour,Lactate\n1,1,8', 'Lactate,HR\n1,8,', 'hour,1,2\nLactate,1,8,2']) {
        assert.deepEqual(bodies(text), [], text);
        assert.equal(notices(text).length, 1, text);
      }
    });

    test('an empty corner keeps the columns in their places', () => {
      assert.deepEqual(bodies('\tHR\tResp\n25\t90\t18'), [{ heart_rate: 90, respiratory_rate: 18 }]);
      assert.equal(notices('\tHR\tResp\n25\t90\t18').length, 1, 'the column without a head is told');
      assert.deepEqual(bodies('\n\n\t1\t2\nHR\t\t92\nTemp\t37\t38\n'), [{ observations: [{ icu_hour: 1, temperature: 37 }, { icu_hour: 2, heart_rate: 92, temperature: 38 }] }]);
    });

    test('words of the form and of spreadsheets', () => {
      assert.deepEqual(bodies('sep=;\r\nSaturation en oxygène (oxymétrie de pouls);Aspartate aminotransférase (ASAT) (U/L);Sexe\n97;40;Femme'), [{ sex: 'female', spo2: 97, ast: 40 }]);
      assert.deepEqual(bodies('Fre\u0301quence cardiaque;Calcium, total\n90;9,1'), [{ heart_rate: 90, calcium: 9.1 }]);
      assert.deepEqual(bodies('Calcium, total\n9,1'), [{ calcium: 9.1 }]);
      assert.deepEqual(bodies('Creatinine (\u03bcmol/L);Temp ([degF])\n90;100'), [{ creatinine: { value: 90, unit: 'umol/L' }, temperature: { value: 100, unit: '[degF]' } }]);
    });
  });
}

test('a comma in a file of semicolons that may group thousands is read in French alone', async () => {
  assert.deepEqual(bodies('Lactate\n1,200'), [{ lactate: '1,200 (?)' }]);
  await speak('fr');
  assert.deepEqual(bodies('Lactate\n1,200'), [{ lactate: 1.2 }]);
});

test('codes and words of sex and unit are taken, anything else goes on to be refused', () => {
  const sexes = { 1: 'male', '1.0': 'male', M: 'male', Male: 'male', homme: 'male', 0: 'female', F: 'female', FEMALE: 'female', Femme: 'female', 2: '2', X: 'X' };
  for (const [cell, sex] of Object.entries(sexes)) {
    assert.deepEqual(bodies(`Gender,HR\n${cell},90`), [{ sex, heart_rate: 90 }], cell);
    assert.deepEqual(bodies(`MRN,Gender,HR,SepsisLabel\nA,${cell},90,0`), [{ patient_id: 'A', sex, heart_rate: 90 }], cell);
    const elsewhere = /^\d/.test(cell) ? cell : sex; // 1 and 0 may be either there, and the service refuses them
    for (const head of ['sex,HR', 'Sexe,HR', 'Gender,heart_rate', 'Gender,Ward']) {
      assert.equal(bodies(`${head}\n${cell},90`)[0]?.sex, elsewhere, `${head}: ${cell}`);
    }
  }
  assert.deepEqual(bodies('Unit1|Unit2|HR\n1|0|90'), [{ icu_unit: 'medical', heart_rate: 90 }]);
  assert.deepEqual(bodies('Unit1|Unit2|HR\n0|1.0|90'), [{ icu_unit: 'surgical', heart_rate: 90 }]);
  assert.deepEqual(bodies('Unit1|Unit2|HR\n0|NaN|90'), [{ heart_rate: 90 }]);
  assert.deepEqual(bodies('Unit1|Unit2|HR\n1|1|90'), [{ icu_unit: 'medical / surgical', heart_rate: 90 }]);
  assert.deepEqual(bodies('Unit1|HR\ncardiac|90'), [{ icu_unit: 'cardiac', heart_rate: 90 }]);
});

test('the hours before intensive care, with any sign', () => {
  const hours = { '-3.5': 3.5, '0': 0, '5': -5, soon: 'soon' };
  for (const [cell, sent] of Object.entries(hours)) assert.deepEqual(bodies(`HospAdmTime|HR\n${cell}|90`), [{ hours_in_hospital_before_icu: sent, heart_rate: 90 }], cell);
  assert.deepEqual(bodies('HospAdmTime;HR\n-3,5;90'), [{ hours_in_hospital_before_icu: 3.5, heart_rate: 90 }]);
});

test('an identifier keeps its case, and its patient the lines', () => {
  assert.deepEqual(bodies('patient_id|HR|ICULOS\nBed-A|90|1\nBed-A|91|2\nbed-a|70|1').map((body) => body.patient_id), ['Bed-A', 'bed-a']);
  assert.equal(bodies('patient_id;Bed-A;;\nhour;1;2;3\nHR;90;91;92')[0]?.observations.length, 3, 'named in one column of three');
  assert.deepEqual(page.read('x.psv', 'patient|HR\n|90').stays.map((stay) => stay.name), ['x']);
});

test('two columns of one variable never overwrite each other', () => {
  assert.deepEqual(bodies('Lactate,HR,lactate\n1.8,90,2.4'), [{ lactate: '1.8 / 2.4', heart_rate: 90 }]);
  assert.deepEqual(bodies('Lactate,lactate\n1.8,\n,2.4\n1.8,1.80')[0]?.observations, [{ lactate: 1.8 }, { lactate: 2.4 }, { lactate: 1.8 }]);
  assert.deepEqual(bodies('Lactate,Lactate (mg/dL)\n1.8,18'), [{ lactate: { value: '1.8 mmol/L / 18 mg/dL', unit: 'mg/dL' } }]);
  assert.deepEqual(bodies('Age,HR,ICULOS\n61.5,90,1\n61.50,91,2\n62,92,3')[0]?.age, '61.5 / 62');
});

test('what no computer can hold is sent as it was typed', () => {
  assert.deepEqual(bodies('age,HR\n1e999,90'), [{ age: '1e999', heart_rate: 90 }]);
  assert.deepEqual(bodies('{"age": 1e999, "heart_rate": 90}'), [{ age: 'Infinity', heart_rate: 90 }]);
});

test('JSON: nothing vanishes without a word', () => {
  const told = notices('{"age": 60, "heart_rate": 90, "bed": 3, "observations": [{"icu_hour": 1, "hart_rate": 91, "lactate": {"value": 2, "unit": "mmol/L", "by": "x"}}]}');
  for (const name of ['heart_rate', 'bed', 'hart_rate', 'lactate.by']) assert.ok(told.some((notice) => notice.endsWith(` ${name}`)), `${name}: ${told}`);
  assert.deepEqual(notices('{"age": 60, "sex": null, "icu_hour": 2, "lactate": {"value": null, "unit": "mmol/L"}, "heart_rate": 90, "observations": null}'), []);
  assert.deepEqual(bodies('{"age": 60, "lactate": {"value": null, "unit": "mg/dL"}, "heart_rate": "1,8"}'), [{ age: 60, heart_rate: '1,8' }]);
  assert.deepEqual(notices('{"patient_id": 12345678901234567890, "heart_rate": 90}').length, 1);
});

test('JSON: of two equal keys neither is taken, and both the key and its line are told', () => {
  const twice = '{"age": 60, "heart_rate": 90}\n{"age": 61, "lactate": {"value": 2, "unit": "mmol/L"}, "l\\u0061ctate": 4}';
  assert.deepEqual(bodies(twice), []);
  assert.deepEqual(notices(twice), [language.t('import.doubled', { name: 'lactate', line: 2 })]);
  assert.deepEqual(notices('{"lactate": {"value": 2, "value": 20, "unit": "mmol/L"}}').length, 1, 'within a value, too');
  for (const once of ['[{"age": 60}, {"age": 61}]', '{"age": 60, "observations": [{"icu_hour": 1, "HR{": 2}, {"icu_hour": 2}]}', '{"age": 60, "patient_id": "age\\": {"}']) {
    assert.ok(bodies(once).length > 0, once);
  }
});

test('JSON that says nothing of a patient is none', () => {
  for (const text of ['[]', '{}', '[1, 2]', '{"observations": [1]}', '{"bed": 3}']) {
    assert.deepEqual(bodies(text), [], text);
    assert.deepEqual(notices(text), [language.t('import.nothing')], text);
  }
  assert.deepEqual(notices('{"resourceType": "Bundle", "type": "collection", "entry": []}'), [language.t('import.fhir')]);
});

test('heads as charts write them: abbreviations, without accents, digits below the line, line breaks', async () => {
  await speak('fr');
  const heads = ['Heure (h)', 'FC (/min)', 'PAS', 'PAM', 'PAD', 'FR', 'T° (°C)', 'SpO₂', 'Lactates', 'GB', '"Saturation  artérielle\nen oxygène"', 'CREATININE (µmol/L)', 'Age (ans)'];
  const values = ['3', '90', '120', '80', '60', '18', '38,5', '97', '1,8', '12', '96', '90', '61'];
  assert.deepEqual(bodies(`${heads.join('\t')}\r\n${values.join('\t')}\r\n`), [{
    age: 61, icu_hour: 3, heart_rate: 90, systolic_bp: 120, mean_arterial_pressure: 80, diastolic_bp: 60, respiratory_rate: 18, temperature: 38.5, spo2: 97, lactate: 1.8, wbc: 12, sao2: 96,
    creatinine: { value: 90, unit: 'umol/L' },
  }]);
});

describe('a table as people copy it', () => {
  beforeEach(() => speak('fr'));

  test('what is another thing in English is read while the page is in French, and told while it is in English', async () => {
    for (const [head, name, cell] of /** @type {const} */ ([
      ['PAS', 'systolic_bp', 120], ['PA sys (mmHg)', 'systolic_bp', 120], ['PAD', 'diastolic_bp', 60], ['PA dia', 'diastolic_bp', 60], ['PAM', 'mean_arterial_pressure', 80], ['Ht', 'hematocrit', 40], ['TCA', 'ptt', 40],
    ])) {
      const text = `FC\t${head}\n90\t${cell}`;
      await speak('fr');
      assert.deepEqual([bodies(text), notices(text)], [[{ heart_rate: 90, [name]: cell }], []]);
      await speak('en');
      assert.deepEqual([bodies(text), notices(text)], [[{ heart_rate: 90 }], [language.t('import.homonym', { name: head })]]);
    }
    assert.deepEqual(notices('PAS\tPAD\n25\t10'), [language.t('import.nothing'), ...['PAS', 'PAD'].map((name) => language.t('import.homonym', { name }))]);
    assert.ok(page.hasHeads('PAS\tPAD\n25\t10'), 'it fills no cells as a block without heads');
  });

  test('what neither an English nor a French chart means by one thing alone is not taken', async () => {
    for (const spoken of /** @type {const} */ (['fr', 'en'])) {
      await speak(spoken);
      for (const head of ['PAPS', 'PAPD', 'PAPM', 'PVC', 'T', 'Sat', 'TP', 'CRP', 'EB', 'Urée', 'Urée (mmol/L)', 'Lact', 'RR', 'K', 'Ca', 'PCO2', 'CO2']) {
        const text = `FC\t${head}\n90\t25`;
        assert.deepEqual([bodies(text), notices(text)], [[{ heart_rate: 90 }], [language.t('import.unknown', { name: head })]]);
      }
    }
  });

  test('where laboratories differ and nothing tells, the unit must stand at the name or at each number', () => {
    for (const head of ['Créat', 'Bili', 'Bilirubine', 'Bilirubine totale', 'Bilirubin, total', 'Bilirubin total', 'Bilirubin direct', 'Bilirubine conjuguée', 'Troponine I', 'Troponin I', 'Calcémie', 'Fibri']) {
      const text = `FC\t${head}\n90\t25`;
      assert.deepEqual([bodies(text), notices(text)], [[{ heart_rate: 90 }], [language.t('import.unit', { name: head })]]);
    }
    const bilirubin = { value: 25, unit: 'umol/L' };
    assert.deepEqual(bodies('Bilirubine totale (µmol/L)\n25'), [{ bilirubin_total: bilirubin }]);
    assert.deepEqual(bodies('Créat : 141 µmol/L\nBili : 25 µmol/L'), [{ creatinine: { value: 141, unit: 'umol/L' }, bilirubin_total: bilirubin }]);
    assert.deepEqual(bodies('FC\tBili\n90\t25 µmol/L\n91\t-\n92\t30')[0]?.observations[0], { heart_rate: 90 }, 'one number is bare');
    assert.deepEqual(bodies('Bilirubin total\tTroponin I\n25 µmol/L\t14 ng/L'), [{ bilirubin_total: bilirubin, troponin_i: { value: 14, unit: 'ng/L' } }]);
    assert.deepEqual(bodies('bilirubin_total\tTroponinI\tBilirubin_direct\n1.2\t3\t0.4'), [{ bilirubin_direct: 0.4, bilirubin_total: 1.2, troponin_i: 3 }], 'names of the API and the Challenge have their units');
  });

  test('a row of units below the heads, and a column of them beside the names, are units and no hour', () => {
    const expected = [{ age: 67, sex: 'female', heart_rate: 98, systolic_bp: 120, creatinine: { value: 141, unit: 'umol/L' }, wbc: 12.4 }];
    assert.deepEqual(bodies('Âge\tSexe\tFC\tPAS\tCréat\tGB\nans\t\t/min\t(mmHg)\tµmol/L\t10³/µL\n67\tF\t98\t120\t141\t12,4'), expected);
    assert.deepEqual(bodies('Paramètre;Unité;1;2\nFC;/min;98;99\nPAS;mmHg;120;'), [{ observations: [{ icu_hour: 1, heart_rate: 98, systolic_bp: 120 }, { icu_hour: 2, heart_rate: 99 }] }]);
    assert.deepEqual(bodies('FC\tGB\n/min\tG/L\n98\t12,4'), [{ heart_rate: 98, wbc: { value: 12.4, unit: 'G/L' } }], 'what the page does not know as a unit the service does');
    assert.deepEqual(bodies('FC;TA\n/min;kPa\n98;16/10'), [{ heart_rate: 98, systolic_bp: { value: 16, unit: 'kPa' }, diastolic_bp: { value: 10, unit: 'kPa' } }]);
    assert.deepEqual(notices('Heure\tFC\nmin\t/min\n60\t98'), [language.t('import.unknown', { name: 'Heure (min)' })], 'minutes are no hours');
    for (const unit of ['1000/mm3', '10^3/µL', '10e9/L', '10.9/L']) {
      assert.deepEqual(bodies(`PAS\tFC\tGB\nmmHg\t1/min\t${unit}\n120\t98\t12,4`).map(({ wbc }) => wbc?.value ?? wbc), [12.4], unit);
    }
    assert.deepEqual(bodies('FC\tPAS\nND\tND\n98\t120')[0]?.observations[0], { heart_rate: 'ND', systolic_bp: 'ND' }, 'words that are no units stay, to be refused');
  });

  test('a line of measurements of which one is a unit alone is no row of units', () => {
    assert.deepEqual(bodies('HR : 98/min\nSBP : mmHg\nSpO2 : 98%'), [{ heart_rate: 98, systolic_bp: 'mmHg', spo2: 98 }]);
    assert.deepEqual(bodies('HR\tSBP\n98/min\tmmHg\n99/min\t120 mmHg'), [{ observations: [{ heart_rate: 98, systolic_bp: 'mmHg' }, { heart_rate: 99, systolic_bp: 120 }] }]);
    assert.deepEqual(bodies('HR : bpm\nSBP : mmHg\nBP : 120/80').length, 1, 'a pair of pressures');
    assert.deepEqual(bodies('WBC : 1000/mm3\nSBP : mmHg').map(({ wbc }) => wbc), [{ value: 1000, unit: '/mm3' }], 'what could be a power, with nothing below');
    for (const text of ['HR\tSBP\n/min\tmmHg', 'HR : /min\nSBP : mmHg', 'HR\tSBP', 'Paramètre;Unité;\nHR;/min;\nSBP;mmHg;']) {
      assert.deepEqual([bodies(text), notices(text).includes(language.t('import.empty'))], [[], true], text);
    }
  });

  test('a row of units that contradicts the heads is none, and goes on to be refused', () => {
    assert.deepEqual(bodies('FC\tLactate (mmol/L)\n/min\tmg/dL\n90\t18')[0]?.observations[0], { heart_rate: '/min', lactate: 'mg/dL' });
    assert.equal(bodies('Paramètre;Unité;1\nFC;/min;90\nLactate (mmol/L);mg/dL;18')[0]?.observations.length, 2);
    assert.equal(bodies('FC\tHeure (h)\n/min\tmin\n90\t60')[0]?.observations.length, 2);
    assert.deepEqual(bodies('FC\tLactate (mmol/L)\tÂge (ans)\n/min\tmmol/l\tannées\n90\t1,8\t61'), [{ age: 61, heart_rate: 90, lactate: 1.8 }], 'the same, twice');
    assert.deepEqual(bodies('FC\tAspartate aminotransférase (ASAT)\n/min\tukat/L\n90\t1')[0]?.ast, { value: 1, unit: 'ukat/L' }, 'brackets that hold no unit');
  });

  test('beside the number of a patient the column "patient" is a name, which is not taken', () => {
    for (const number of ['IPP', 'NIP', 'MRN', 'patient_id']) {
      for (const text of [`${number};Patient;FC\n8001;DUPONT;90\n8002;DURAND;91`, `Patient;FC;${number}\nDUPONT;90;8001\nDURAND;91;8002`]) {
        assert.deepEqual(bodies(text), [{ patient_id: '8001', heart_rate: 90 }, { patient_id: '8002', heart_rate: 91 }], text);
        assert.deepEqual(notices(text), [language.t('import.unknown', { name: 'Patient' })]);
      }
    }
  });

  test('of two numbers of a patient one is taken, and the other is told', () => {
    for (const [first, second] of /** @type {const} */ ([['IPP', 'NIP'], ['patient_id', 'IPP'], ['NIP', 'MRN'], ['IPP', 'IPP']])) {
      for (const text of [`${first};${second};FC\n8001;12;90\n8002;13;91`, `${second};${first};FC\n12;8001;90\n13;8002;91`].slice(0, first === second ? 1 : 2)) {
        assert.deepEqual(bodies(text), [{ patient_id: '8001', heart_rate: 90 }, { patient_id: '8002', heart_rate: 91 }], text);
        assert.deepEqual(notices(text), [language.t('import.unknown', { name: second })]);
      }
    }
  });

  test('hours that are written as times of day are none since admission; those that may be either are told', async () => {
    await speak('en');
    for (const hours of [['08', '14'], ['22', '23', '00'], ['0800', '1430'], ['800', '1400'], ['1400', '1500']]) {
      for (const text of [`Heure\tFC\n${hours.map((hour) => `${hour}\t90`).join('\n')}`, `Heure\t${hours.join('\t')}\nFC\t${hours.map(() => 90).join('\t')}\nPAS\t120`, `\t${hours.join('\t')}\nFC\t90\nSBP\t120`]) {
        const told = notices(text);
        assert.ok(told.some((notice) => ['Heure', 'h'].some((name) => notice === language.t('import.clock', { name }))), `${text}: ${told}`);
        assert.doesNotMatch(JSON.stringify(bodies(text)), /icu_hour/, text);
      }
    }
    for (const [hours, told] of /** @type {const} */ ([[['14', '15'], true], [['7', '12', '24'], true], [['1', '2'], false], [['0', '14'], false], [['14', '25'], false], [['2.5'], false], [['100', '130'], false], [['1400', '1460'], false]])) {
      const text = `Hour\tHR\n${hours.map((hour) => `${hour}\t90`).join('\n')}`;
      assert.deepEqual(notices(text), told ? [language.t('import.hours')] : [], text);
      assert.equal(bodies(text)[0]?.observations?.[0].icu_hour ?? bodies(text)[0]?.icu_hour, Number(hours[0]));
    }
    for (const date of ['Date', 'Jour', 'Day']) {
      const text = `${date}\tHeure\tFC\n30/11/2026\t1\t90\n30/11/2026\t2\t91`;
      assert.doesNotMatch(JSON.stringify(bodies(text)), /icu_hour/, text);
      assert.ok(notices(text).includes(language.t('import.clock', { name: 'Heure' })), text);
    }
    assert.deepEqual(notices('ICULOS|HR\n08|90\n14|91'), [], 'the Challenge says of its hours what they are');
    assert.deepEqual([bodies('\tH08\tH14\nHR\t90\t91')[0]?.observations[0].icu_hour, notices('\tH8\tH14\nHR\t90\t91')], [8, []], 'and so does h');
  });

  test('patients of a table are told apart by what hospitals number them with', () => {
    for (const head of ['IPP', 'NIP', 'MRN', 'Patient']) {
      assert.deepEqual(bodies(`${head};Heure;FC\nA;1;90\nB;2;91`), [{ patient_id: 'A', icu_hour: 1, heart_rate: 90 }, { patient_id: 'B', icu_hour: 2, heart_rate: 91 }]);
    }
  });

  test('a unit behind a number is read as the unit; beside another one in the head the cell stays, to be refused', () => {
    assert.deepEqual(bodies('Heure\tFC\tSpO2 (%)\tT°\tLactates\tFiO2\tâge\n3\t98/min\t98%\t38,5 °C\t27 mg/dl\t40 %\t67 ans'), [{
      age: 67, icu_hour: 3, heart_rate: 98, spo2: 98, temperature: 38.5, lactate: { value: 27, unit: 'mg/dL' }, fio2: { value: 40, unit: '%' },
    }]);
    assert.deepEqual(bodies('Lactates (mg/dL)\tFC\n2,1 mmol/L\t90 irr'), [{ lactate: { value: '2,1 mmol/L', unit: 'mg/dL' }, heart_rate: { value: 90, unit: 'irr' } }]);
    assert.deepEqual(bodies('Heure\tFC\n08h\t90'), [{ icu_hour: '08h', heart_rate: 90 }], 'a time of day is no hour since admission');
    assert.deepEqual(bodies('Lactates (mmol/l)\tCréat (µmol/L)\tBili\n2,1\t141\t25'), [{ lactate: 2.1, creatinine: { value: 141, unit: 'umol/L' } }], 'of whose unit nothing is known is not taken');
  });

  test('pressures that stand in one column are taken apart, with the mean', () => {
    const expected = { systolic_bp: 120, diastolic_bp: 80 };
    assert.deepEqual(bodies('FC\tTA (mmHg)\n90\t120/80'), [{ heart_rate: 90, ...expected }]);
    assert.deepEqual(bodies('HR,BP\n90,120 / 80 (93)'), [{ heart_rate: 90, ...expected, mean_arterial_pressure: 93 }]);
    assert.deepEqual(bodies('Heure\t1\t2\nFC\t90\t91\nTA\t120/80\t16/10 kPa'), [{ observations: [
      { icu_hour: 1, heart_rate: 90, ...expected }, { icu_hour: 2, heart_rate: 91, systolic_bp: { value: 16, unit: 'kPa' }, diastolic_bp: { value: 10, unit: 'kPa' } }] }]);
    assert.deepEqual(bodies('FC\tTA (kPa)\n90\t16/10'), [{ heart_rate: 90, systolic_bp: { value: 16, unit: 'kPa' }, diastolic_bp: { value: 10, unit: 'kPa' } }]);
  });

  test('what is no pair of pressures in mmHg is not taken for one, nor a single pressure for the systolic', async () => {
    const beside = (/** @type {string} */ cell) => bodies(`Heure\tâge\tFC\tTA\n1\t60\t90\t120/80\n2\t\t91\t${cell}`)[0] ?? {};
    const status = async (/** @type {object} */ body) => (await fetch('/predict/patient?hypothetical=true', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })).status;
    assert.equal(await status(beside('110/70')), 200);
    for (const cell of ['120-80', '65', '65 mmHg', '65,5', '20/12', '39/20', '80/120', '80/80', '3/2 kPa']) {
      assert.equal(await status(beside(cell)), 422, cell);
      assert.ok(JSON.stringify(beside(cell)).includes('(?)'), 'and it is seen');
    }
    assert.deepEqual(bodies('FC\tTA\n90\t120/80\n91\t-')[0]?.observations[1], { heart_rate: 91 });
    for (const head of ['TA', 'PNI', 'BP (mmHg)', 'PA']) {
      for (const cell of ['75', '20/12', '80/120']) {
        const text = `FC\t${head}\n90\t${cell}`;
        assert.deepEqual([bodies(text), notices(text)], [[{ heart_rate: 90 }], [language.t('import.unknown', { name: head })]], text);
      }
    }
    assert.deepEqual(bodies('FC : 90\nTA : 20/12'), [{ heart_rate: 90 }]);
    assert.deepEqual(bodies('HR\tPA\n90\t45/20'), [{ heart_rate: 90 }], 'the pulmonary artery');
  });

  test('a troponin of which nobody says that it is I is not taken', () => {
    for (const head of ['Tropo (ng/mL)', 'Troponine (ng/mL)']) {
      const text = `FC\t${head}\n90\t14`;
      assert.deepEqual([bodies(text), notices(text)], [[{ heart_rate: 90 }], [language.t('import.unknown', { name: head })]]);
    }
    assert.deepEqual(bodies('FC\tTroponine I (ng/mL)\n90\t1'), [{ heart_rate: 90, troponin_i: 1 }]);
  });

  test('what stands above the heads is told, and lines of a name and a value are read', () => {
    const text = 'Constantes du 30/11\n\n\tFC\tPAS\tPAD\n3\t98\t120\t80\n';
    assert.ok(page.hasHeads(text));
    assert.deepEqual(bodies(text), [{ heart_rate: 98, systolic_bp: 120, diastolic_bp: 80 }]);
    assert.ok(notices(text).includes(language.t('import.unknown', { name: 'Constantes du 30/11' })));
    const note = 'Âge : 67 ans\nFC : 110\nTA : 95/60\nLactates : 3,4 mmol/L\nDiurèse : 40 mL\n';
    assert.ok(page.hasHeads(note));
    assert.deepEqual(bodies(note), [{ age: 67, heart_rate: 110, systolic_bp: 95, diastolic_bp: 60, lactate: 3.4 }]);
    assert.deepEqual(notices(note), [language.t('import.unknown', { name: 'Diurèse' })]);
    assert.deepEqual(bodies('FC : 110\t\t\nTA : 95/60 \t\n'), [{ heart_rate: 110, systolic_bp: 95, diastolic_bp: 60 }], 'empty cells behind');
  });

  test('the line that says what divides the cells is no title', () => {
    assert.deepEqual(notices('sep=;\nFC;PAS\n98;120'), []);
    const text = 'sep=;\r\nConstantes\r\nFC;PAS\r\n98;120';
    assert.deepEqual([bodies(text), notices(text)], [[{ heart_rate: 98, systolic_bp: 120 }], [language.t('import.unknown', { name: 'Constantes' })]]);
  });

  test('dates are told apart from what is not known, and prose is no block', () => {
    assert.deepEqual(notices('date;FC;T°\n30/11/2026 08:00;98;38,5'), [language.t('import.clock', { name: 'date' })]);
    assert.deepEqual(notices('\t08h\t09h\nFC\t98\t99\nPAS\t120\t121'), [language.t('import.clock', { name: '#1' })]);
    for (const time of ['30/11 08:00', '30/11 8h', '30.11.2026 08:00', '08:00:00', '30/11/26']) {
      assert.deepEqual(notices(`Relevé\tFC\n${time}\t98`), [language.t('import.clock', { name: 'Relevé' })], time);
    }
    for (const pair of ['16/10', '12.5', '7.35.1', '120/80']) assert.deepEqual(notices(`Relevé\tFC\n${pair}\t98`), [language.t('import.unknown', { name: 'Relevé' })], pair);
    assert.ok(page.isProse(page.block('Constantes du matin\nsans particularité\n12') ?? []));
    assert.ok(!page.isProse(page.block('98\t<0,5\nabc\t') ?? []));
    assert.ok(!page.isProse([['.40', ',21', '-.5']]), 'numbers without a digit before the point');
  });
});

test('an age in months is no age in years, and minutes are no hours', () => {
  assert.deepEqual(bodies('Age (yrs)\tHour (h)\tHR\n61\t3\t90'), [{ age: 61, icu_hour: 3, heart_rate: 90 }]);
  const text = 'Âge (mois)\tHour (min)\tHR\n800\t60\t90';
  assert.deepEqual(bodies(text), [{ heart_rate: 90 }]);
  assert.deepEqual(notices(text), ['Âge (mois)', 'Hour (min)'].map((name) => language.t('import.unknown', { name })));
});

test('what the model foresees is not taken, and that is told', () => {
  assert.deepEqual(bodies('HR|SepsisLabel\n90|1'), [{ heart_rate: 90 }]);
  assert.deepEqual(notices('HR|SepsisLabel\n90|1'), [language.t('import.label')]);
});

test('names of stays are texts', () => {
  assert.deepEqual(page.read('ward.ndjson', '{"patient_id": 7, "age": 60}\n{"age": 61}').stays.map((stay) => stay.name), ['7', 'ward 2']);
});

test('a notice names its files, each thing once, in the language of now', async () => {
  const told = new tell.Notices();
  for (const file of ['a.csv', 'b.csv', 'c.csv', 'd.csv', 'd.csv']) told.add([{ key: 'import.unknown', values: { name: 'x' } }], file);
  told.add([{ key: 'import.unknown', values: { name: 'y' } }, { key: 'import.unreadable', error: true }], '');
  assert.deepEqual(told.lines(), [{ words: 'Not taken: x (a.csv, b.csv, c.csv and 1 more)', error: false }, { words: 'Not taken: y', error: false }, { words: 'Cannot be read', error: true }]);
  await speak('fr');
  assert.equal(told.lines()[0]?.words, 'Non repris\u00a0: x (a.csv, b.csv, c.csv et 1 de plus)');
  assert.equal(tell.wordsOf({ key: 'import.emptied', values: { n: 2 } }), language.count('import.emptied', 2), 'n chooses the plural');
});

test('a carriage return alone ends a line', () => {
  assert.deepEqual(bodies('HR|ICULOS\r90|1\r91|2\r'), [{ observations: [{ icu_hour: 1, heart_rate: 90 }, { icu_hour: 2, heart_rate: 91 }] }]);
  assert.deepEqual([bodies('sep=;\rHR;SBP\r98;120\r'), notices('sep=;\rHR;SBP\r98;120\r')], [[{ heart_rate: 98, systolic_bp: 120 }], []]);
  assert.deepEqual([bodies('Calcium, total\r9.1'), notices('Calcium, total\r9.1')], [[{ calcium: 9.1 }], []]);
  assert.deepEqual(bodies('{"heart_rate": 90}\r{"heart_rate": 91}\r'), [{ heart_rate: 90 }, { heart_rate: 91 }]);
});

test('a workbook is told as one', async () => {
  for (const bytes of [[0x50, 0x4b, 3, 4, 20, 0, 0xff], [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1]]) {
    const text = await page.textOf(new File([new Uint8Array(bytes)], 'ward.xlsx'));
    assert.deepEqual([bodies(text), notices(text)], [[], [language.t('import.workbook')]]);
  }
});

test('bytes of a file: UTF-8, what Excel writes, UTF-16', async () => {
  const latin = Uint8Array.from('Fréquence cardiaque;Âge\n90;61', (letter) => letter.charCodeAt(0));
  const wide = new Uint8Array([0xff, 0xfe, ...[...'HR\tÂge\n90\t61'].flatMap((letter) => [letter.charCodeAt(0), 0])]);
  for (const bytes of ['\ufeffFréquence cardiaque;Âge\n90;61', latin, wide]) {
    assert.deepEqual(bodies(await page.textOf(new File([bytes], 'p.csv'))), [{ age: 61, heart_rate: 90 }]);
  }
});

test('the ends of a range are inside of it, in each unit, as the service has it; what lies beyond is told by ends that it lies beyond of as they are read', async () => {
  const { convert, variables } = await import('../assets/vocabulary.js');
  const asked = [];
  for (const variable of variables) {
    for (const unit of variable.accepted_units) {
      for (const kind of /** @type {const} */ (['hard', 'usual'])) {
        for (const [end, away] of /** @type {const} */ ([[variable[kind].min, -1], [variable[kind].max, 1]])) {
          const exact = convert(variable, end, variable.unit, unit);
          const told = (/** @type {number} */ value) => sheets.inspect(variable, { text: String(value), unit }, unit);
          const at = `${variable.name}, ${kind} end ${end} in ${unit}`;
          assert.notEqual(told(exact)?.code, kind === 'hard' ? 'out_of_range' : 'unusual_value', at);
          const beyond = exact + away * Math.max(Math.abs(exact), 1) * 1e-4;
          const issue = told(beyond);
          if (beyond < 0 || issue === null) continue; // the possible ends where the usual does
          const [from = NaN, to = NaN] = sheets.rangeIn(variable, issue.code === 'out_of_range' ? 'hard' : 'usual', unit).replaceAll(',', '').split(' to ').map(Number);
          assert.ok(beyond < from || beyond > to, `${beyond} is called outside of ${from} to ${to}: ${at}`);
          if (kind === 'hard') asked.push({ variable, unit, exact, beyond });
        }
      }
    }
  }
  assert.ok(asked.length > 100);
  const send = async (/** @type {string} */ name, /** @type {number} */ value, /** @type {string} */ unit) => {
    const answer = await fetch('/predict/patient?hypothetical=true', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ age: 60, [name]: { value, unit } }) });
    return answer.status;
  };
  for (const { variable: { name }, unit, exact, beyond } of asked) assert.deepEqual([await send(name, exact, unit), await send(name, beyond, unit)], [200, 422], `${name} in ${unit}: ${exact}, ${beyond}`);
});

test('what rounding alone takes out of a range: the service refuses it in the unit of the range alone', async () => {
  const { variableNamed } = await import('../assets/vocabulary.js');
  const inspected = (/** @type {string} */ name, /** @type {string} */ text, /** @type {string} */ unit) => {
    const variable = variableNamed(name);
    assert.ok(variable !== undefined);
    return sheets.inspect(variable, { text, unit }, variable.unit)?.code ?? null;
  };
  assert.equal(inspected('bilirubin_total', '1710.4', 'umol/L'), 'unusual_value', '100 mg/dL, which are 100.00000000000001 in binary');
  assert.equal(inspected('bilirubin_total', '1710.5', 'umol/L'), 'out_of_range');
  assert.equal(inspected('bilirubin_total', '100.00000000000001', 'mg/dL'), 'out_of_range');
  assert.equal(inspected('hematocrit', '0.518', 'L/L'), null);
  assert.equal(inspected('hematocrit', '0.5181', 'L/L'), 'unusual_value');
  assert.equal(inspected('mean_arterial_pressure', '157.5000000001', 'mm[Hg]'), null, 'of what is usual the service says nothing so near');
  assert.equal(inspected('mean_arterial_pressure', '157.6', 'mm[Hg]'), 'unusual_value');
  const pressure = variableNamed('mean_arterial_pressure');
  assert.deepEqual(pressure && [sheets.rangeIn(pressure, 'usual', 'mm[Hg]'), sheets.rangeIn(pressure, 'usual', 'kPa')], ['40 to 157.5', '5.34 to 20.9'], 'not to 158, nor to 21.0');
});

test('a sheet means the same in every language', async () => {
  await speak('fr');
  const typed = language.canonical('38,9');
  const sheet = { stay: new Map([['age', language.canonical('61,5')], ['patient_id', '1,5']]), columns: [{ hour: '1', cells: new Map([['temperature', { text: typed, unit: 'Cel' }]]) }] };
  const body = { age: 61.5, patient_id: '1,5', icu_hour: 1, temperature: 38.9 };
  assert.deepEqual(sheets.requestOf(sheet).body, body);
  assert.equal(language.localised(typed), '38,9');
  await speak('en');
  assert.deepEqual(sheets.requestOf(sheet).body, body);
  assert.equal(language.localised(typed), '38.9');
  const thousands = language.canonical('1,200');
  await speak('fr');
  assert.ok(Number.isNaN(language.numberOf(thousands)), 'what was no number in English does not become 1.2 in French');
});

test('spaces group thousands and join no two numbers', () => {
  assert.equal(language.parseNumber('1\u202f200'), 1200);
  assert.equal(language.parseNumber(' 12 '), 12);
  for (const text of ['120 80', '1 2', '1e999', '', 'abc', '1,200']) assert.ok(Number.isNaN(language.parseNumber(text)), text);
});
