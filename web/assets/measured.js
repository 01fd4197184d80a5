// What was measured of a stay, for the charts and for what is missing.
import { coded, numberOf } from './language.js';
import { valueIn } from './sheet.js';
import { labelOf, symbolOf, variables } from './vocabulary.js';

/** @typedef {import('./sheet.js').Sheet} Sheet */

/**
 * The hour of each column; its place where no hour was given.
 * @param {Sheet} sheet
 */
export function hoursOf(sheet) {
  return sheet.columns.map((column, index) => (Number.isNaN(numberOf(column.hour)) ? index + 1 : Math.ceil(numberOf(column.hour) - 1e-9))); // as the service does: what lies above by rounding alone belongs to the hour
}

/**
 * Which measurements are known, of the hours that scores and reliability look back on, and the courses of those with two values or more.
 * @param {Sheet} sheet
 * @param {(variable: import('./vocabulary.js').Variable) => string} unitOf
 */
export function measuredOf(sheet, unitOf) {
  const hours = hoursOf(sheet);
  const last = hours.at(-1) ?? 1;
  const names = new Set(sheet.columns.flatMap((column, index) => ((hours[index] ?? 0) >= last - 24 ? [...column.cells.keys()] : [])));
  const lanes = variables.map((variable) => ({
    name: variable.name, label: shortLabel(variable.name), unit: symbolOf(unitOf(variable)),
    points: sheet.columns.map((column, index) => ({ x: hours[index] ?? 0, y: valueIn(variable, column.cells.get(variable.name), unitOf(variable)) })).filter((point) => !Number.isNaN(point.y)),
  })).filter((lane) => lane.points.length > 1);
  return { names, lanes };
}

/** @param {string} name */
function shortLabel(name) {
  const short = coded('short', name);
  return short === name.replaceAll('_', ' ') ? labelOf(name) : short;
}
