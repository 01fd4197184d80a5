// Writes oracle.json: conversions by the U.S. National Library of Medicine's implementation of UCUM.
//
//   npm install @lhncbc/ucum-lhc@7.1.10 && node oracle.mjs > oracle.json
import ucum from '@lhncbc/ucum-lhc';

const utils = ucum.UcumLhcUtils.getInstance();
// Molar masses in g/mol, from the CIAAW standard atomic weights (doi:10.1515/pac-2019-0603).
const cases = [
  ['heart_rate', 118, ['/min', '1/min', '{beats}/min', '/s', '/h'], '/min'],
  ['temperature', 38.9, ['Cel'], 'Cel'],
  ['temperature', 101.3, ['[degF]'], 'Cel'],
  ['systolic_bp', 118, ['mm[Hg]', 'cm[Hg]'], 'mm[Hg]'],
  ['spo2', 0.97, ['1', 'L/L', '%'], '%'],
  ['fio2', 40, ['%', '1', 'mL/L'], '1'],
  ['lactate', 3.1, ['mmol/L', 'mmol/l', 'umol/mL', 'umol/L', 'nmol/uL', 'mmol.L-1', 'mol/m3', 'umol/dL'], 'mmol/L'],
  ['lactate', 37, ['mg/dL', 'mg/dl', 'g/L', 'ug/mL', 'mg/L'], 'mmol/L', 90.078],
  ['creatinine', 1.4, ['mg/dL', 'mg/L', 'ug/mL', 'ng/uL', 'g/m3'], 'mg/dL'],
  ['creatinine', 123, ['umol/L', 'umol/l', 'nmol/mL', 'mmol/L', 'umol/dL'], 'mg/dL', 113.12],
  ['glucose', 7.4, ['mmol/L', 'umol/mL', 'mmol/dL'], 'mg/dL', 180.156],
  ['bilirubin_total', 34, ['umol/L', 'nmol/mL', 'mmol/L'], 'mg/dL', 584.673],
  ['calcium', 2.3, ['mmol/L', 'umol/mL'], 'mg/dL', 40.078],
  ['magnesium', 0.9, ['mmol/L', 'umol/L'], 'mg/dL', 24.305],
  ['phosphate', 1.1, ['mmol/L', 'umol/mL'], 'mg/dL', 30.974],
  ['bun', 12.5, ['mmol/L', 'umol/mL'], 'mg/dL', 28.014],
  ['hemoglobin', 9.7, ['g/dL', 'g/L', 'mg/mL', 'g/dl', 'kg/m3'], 'g/dL'],
  ['hemoglobin', 6.1, ['mmol/L'], 'g/dL', 16114],
  ['hematocrit', 0.41, ['1', 'L/L', 'l/l', 'mL/mL'], '%'],
  ['wbc', 16.4, ['10*3/uL', '10*9/L', '10*3/mm3', '10*6/mL', '/nL', '10*3/ul', '10*3.uL-1', '10*6/L', '/uL', '{cells}/uL'], '10*3/uL'],
  ['platelets', 212, ['10*9/L', '10*12/L', '10*6/mL'], '10*3/uL'],
  ['troponin_i', 140, ['ng/L', 'pg/mL', 'ug/L', 'ng/mL', 'ng/dL'], 'ng/mL'],
  ['ast', 87, ['U/L', 'mU/mL', 'U/mL', 'kU/L', 'U/dL'], 'U/L'],
  ['fibrinogen', 3.2, ['g/L', 'mg/dL', 'mg/mL', 'g/dL', 'ug/mL'], 'mg/dL'],
  ['ptt', 41, ['s', 'ms', 'min'], 's'],
  ['potassium', 4.4, ['mmol/L', 'umol/mL', 'mol/L'], 'mmol/L'],
];
const rows = [];
for (const [variable, value, units, own, molarMass] of cases) {
  for (const unit of units) {
    const given = utils.convertUnitTo(unit, value, own, { molecularWeight: molarMass });
    rows.push({ variable, value, unit, converted: given.status === 'succeeded' ? given.toVal : null, molar_mass: molarMass ?? 0 });
  }
}
console.log('[\n' + rows.map((row) => '  ' + JSON.stringify(row)).join(',\n') + '\n]');
