// Makes the example ward of the page from invented stays: sepsis data synth --stays 16 --septic-share 0.3 --seed 5 --out FOLDER,
// then node make-example-ward.js FOLDER. The labels are left out; values that the service would refuse are kept as they are.
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const folder = process.argv[2];
if (folder === undefined) throw new Error('name the folder that sepsis data synth made');

/** The API's names by the Challenge's columns. */
const names = /** @type {Record<string, string>} */ ({
  HR: 'heart_rate', O2Sat: 'spo2', Temp: 'temperature', SBP: 'systolic_bp', MAP: 'mean_arterial_pressure', DBP: 'diastolic_bp',
  Resp: 'respiratory_rate', EtCO2: 'etco2', BaseExcess: 'base_excess', HCO3: 'bicarbonate', FiO2: 'fio2', pH: 'ph', PaCO2: 'paco2', SaO2: 'sao2',
  AST: 'ast', BUN: 'bun', Alkalinephos: 'alkaline_phosphatase', Calcium: 'calcium', Chloride: 'chloride', Creatinine: 'creatinine',
  Bilirubin_direct: 'bilirubin_direct', Glucose: 'glucose', Lactate: 'lactate', Magnesium: 'magnesium', Phosphate: 'phosphate', Potassium: 'potassium',
  Bilirubin_total: 'bilirubin_total', TroponinI: 'troponin_i', Hct: 'hematocrit', Hgb: 'hemoglobin', PTT: 'ptt', WBC: 'wbc', Fibrinogen: 'fibrinogen', Platelets: 'platelets',
});

/**
 * @param {string} text of a file of the Challenge
 * @param {string} patient
 */
function stayOf(text, patient) {
  const [heads = [], ...rows] = text.trim().split('\n').map((line) => line.split('|'));
  const at = (/** @type {string[]} */ row, /** @type {string} */ head) => Number(row[heads.indexOf(head)]);
  const observations = rows.map((row) => {
    /** @type {Record<string, number>} */
    const observation = { icu_hour: at(row, 'ICULOS') };
    heads.forEach((head, index) => {
      const [name, value] = [names[head], Number(row[index])];
      if (name !== undefined && !Number.isNaN(value)) observation[name] = value;
    });
    return observation;
  });
  const first = rows[0] ?? [];
  const unit = at(first, 'Unit1') === 1 ? 'medical' : at(first, 'Unit2') === 1 ? 'surgical' : undefined;
  return {
    patient_id: patient, age: at(first, 'Age'), sex: at(first, 'Gender') === 1 ? 'male' : 'female', icu_unit: unit,
    hours_in_hospital_before_icu: Math.max(0, -at(first, 'HospAdmTime')), observations,
  };
}

const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.psv')).sort();
const bodies = await Promise.all(files.map(async (name, index) => stayOf(await readFile(join(folder, name), 'utf8'), `A-${String(index + 1).padStart(2, '0')}`)));
await writeFile(new URL('../assets/example-ward.ndjson', import.meta.url), bodies.map((body) => `${JSON.stringify(body)}\n`).join(''));
