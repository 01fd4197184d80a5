// What was typed of one patient, hour by hour, and the request that is made of it. Every number keeps the unit in
// which it was typed and is sent in that unit: the service converts, the page only shows. Numbers are held in canonical form
// (language.js), so that they mean the same whatever language the page is turned to.
import { coded, localised, number, numberOf, rounded, t } from './language.js';
import { convert, stayField, stayFields, symbolOf, variableNamed } from './vocabulary.js';

/** @typedef {import('./vocabulary.js').Variable} Variable */
/** @typedef {{text: string, unit: string}} Cell text is canonical */
/** @typedef {{hour: string, cells: Map<string, Cell>}} Column */
/** @typedef {{stay: Map<string, string>, columns: Column[], invented?: boolean}} Sheet invented: an example, and not a patient as they are */
/** A place in the sheet: of the stay where column is -1, else of a column; icu_hour names the head of a column. */
/** @typedef {{column: number, name: string}} Place */
/** @typedef {{severity: 'error' | 'warning', code: string, message: string, original?: string, location?: string, hint?: string, unit?: string}} Issue original: the service's own words, in English; location and hint as it gave them */
/** @typedef {{body: Record<string, any>, columns: number[], flat: boolean}} Request */

/** @returns {Sheet} */
export function emptySheet() {
  return { stay: new Map(), columns: [emptyColumn('')] };
}

/**
 * @param {string} hour
 * @returns {Column}
 */
export function emptyColumn(hour) {
  return { hour, cells: new Map() };
}

/** @param {Place} place */
export function placeKey(place) {
  return `${place.column}/${place.name}`;
}

/**
 * What is added to a request's address, so that nothing invented counts among patients.
 * @param {Sheet} sheet
 */
export function mark(sheet) {
  return sheet.invented === true ? '&hypothetical=true' : '';
}

/**
 * Whether nothing at all stands in a column.
 * @param {Column} column
 */
export function isBlank(column) {
  return column.hour.trim() === '' && column.cells.size === 0;
}

/**
 * The value of a cell in a unit, or NaN when it is not a number.
 * @param {Variable} variable
 * @param {Cell | undefined} cell
 * @param {string} unit
 */
export function valueIn(variable, cell, unit) {
  return cell === undefined ? NaN : convert(variable, numberOf(cell.text), cell.unit, unit);
}

/**
 * What a cell shows in a unit: what was typed, or its conversion.
 * @param {Variable} variable
 * @param {Cell | undefined} cell
 * @param {string} unit
 */
export function shown(variable, cell, unit) {
  if (cell === undefined) return '';
  const value = valueIn(variable, cell, unit);
  if (cell.unit === unit || Number.isNaN(value)) return localised(cell.text);
  return localised(String(Number(value.toPrecision(4))));
}

/** @typedef {'emptied' | 'overwritten' | null} Fate null when nothing was lost */

/**
 * What becomes of a text of the stay or of an hour that gives way to another.
 * @param {string} before
 * @param {string} after
 * @returns {Fate}
 */
export function fateOf(before, after) {
  if (before.trim() === '' || before.trim() === after.trim()) return null;
  return after.trim() === '' ? 'emptied' : 'overwritten';
}

/**
 * The body of a request, and which columns its observations stand for. With a single hour it is flat. What is not a number is
 * sent as it was typed, so that the service says what it thinks of it.
 * @param {Sheet} sheet
 * @returns {Request}
 */
export function requestOf(sheet) {
  /** @type {Record<string, any>} */
  const body = {};
  for (const field of stayFields) {
    const text = sheet.stay.get(field.name)?.trim() ?? '';
    if (text !== '' && field.name !== 'icu_hour') body[field.name] = field.choices === undefined ? sent(text) : text;
  }
  const patient = sheet.stay.get('patient_id')?.trim() ?? '';
  if (patient !== '') body.patient_id = patient;
  const columns = sheet.columns.map((_, index) => index).filter((index) => !isBlank(columnAt(sheet, index)));
  const observations = columns.map((index) => observationOf(columnAt(sheet, index)));
  if (observations.length > 1) return { body: { ...body, observations }, columns, flat: false };
  return { body: { ...body, ...observations[0] }, columns, flat: true };
}

/**
 * @param {Sheet} sheet
 * @param {number} index
 * @returns {Column}
 */
export function columnAt(sheet, index) {
  const column = sheet.columns[index];
  if (column === undefined) throw new RangeError(`there is no column ${index}`);
  return column;
}

/** @param {Column} column */
function observationOf(column) {
  /** @type {Record<string, any>} */
  const observation = {};
  if (column.hour.trim() !== '') observation.icu_hour = sent(column.hour);
  for (const [name, cell] of column.cells) {
    const value = sent(cell.text);
    observation[name] = cell.unit === variableNamed(name)?.unit ? value : { value, unit: cell.unit };
  }
  return observation;
}

/** @param {string} text */
function sent(text) {
  const value = numberOf(text);
  return Number.isNaN(value) ? text.trim() : value;
}

/**
 * What a location of the API names, such as body.observations[2].heart_rate.value: the observation, from 0, if it lies in one, and the field;
 * the name is empty where it names none.
 * @param {string} location
 * @returns {{observation: number | null, name: string}}
 */
export function namedIn(location) {
  const [, index, name = ''] = /^body(?:\.observations\[(\d+)\])?\.?([a-z0-9_]*)/.exec(location) ?? [];
  return { observation: index === undefined ? null : Number(index), name };
}

/**
 * The place in the sheet that a location of the API means.
 * @param {string} location
 * @param {Request} request
 * @returns {Place | null}
 */
export function placeOf(location, request) {
  const { observation, name } = namedIn(location);
  if (name === '') return null;
  if (observation !== null) return { column: request.columns[observation] ?? 0, name };
  if (variableNamed(name) !== undefined || name === 'icu_hour') return { column: request.columns[0] ?? 0, name };
  if (stayField(name) !== undefined || name === 'patient_id') return { column: -1, name };
  return null;
}

/**
 * The unit in which the hint of a problem or a warning advises to send the value, whatever it is that gives the advice. The hint of what is no number
 * at all names the usual unit, too, but says of no value what it looks like: there is nothing to convert.
 * @param {{hint?: string}} problem
 */
export function unitOfHint({ hint = '' }) {
  return / looks like .+; send \{"value": .+, "unit": "([^"]+)"\}$/.exec(hint)?.[1];
}

/**
 * What can be said of a cell before it is sent, by the ranges of the vocabulary. The service has the last word.
 * @param {Variable} variable
 * @param {Cell} cell
 * @param {string} unit in which to speak of it
 * @returns {Issue | null}
 */
export function inspect(variable, cell, unit) {
  const value = valueIn(variable, cell, variable.unit);
  if (Number.isNaN(value)) return { severity: 'error', code: 'wrong_type', message: t('issue.number', { text: localised(cell.text) }) };
  if (isBeyond(value, variable.hard, cell.unit === variable.unit ? 0 : rounding)) {
    return { severity: 'error', code: 'out_of_range', message: t('issue.hard', { range: rangeIn(variable, 'hard', unit) }) };
  }
  if (isBeyond(value, variable.usual, rounding)) {
    return { severity: 'warning', code: 'unusual_value', message: t('issue.usual', { range: rangeIn(variable, 'usual', unit) }) };
  }
  return null;
}

/** What a conversion adds in the last digits takes nothing out of a range; so the service has it. */
const rounding = 1e-9;

/**
 * @param {number} value
 * @param {{min: number, max: number}} range
 * @param {number} slack
 */
function isBeyond(value, { min, max }, slack) {
  return value < min - slack || value > max + slack;
}

/**
 * What can be said of all cells of a sheet that was not typed, by place. Of a unit that is not known the service speaks.
 * @param {Sheet} sheet
 * @param {(variable: Variable) => string} unitOf in which to speak of a variable
 * @returns {Map<string, Issue[]>}
 */
export function inspected(sheet, unitOf) {
  /** @type {Map<string, Issue[]>} */
  const found = new Map();
  sheet.columns.forEach(({ cells }, column) => cells.forEach((cell, name) => {
    const variable = variableNamed(name);
    if (variable === undefined || !variable.accepted_units.includes(cell.unit)) return;
    const issue = inspect(variable, cell, unitOf(variable));
    if (issue !== null) found.set(placeKey({ column, name }), [issue]);
  }));
  return found;
}

/**
 * A range of the vocabulary, in a unit. Its ends are rounded into it where they were converted, so that no value that is called outside of it
 * lies between the ends as they are read.
 * @param {Variable} variable
 * @param {'hard' | 'usual'} kind
 * @param {string} unit
 */
export function rangeIn(variable, kind, unit) {
  const { min, max } = variable[kind];
  if (unit === variable.unit) return rangeWords(min, max);
  return rangeWords(rounded(convert(variable, min, variable.unit, unit), 'ceil'), rounded(convert(variable, max, variable.unit, unit), 'floor'));
}

/**
 * @param {number} from
 * @param {number} to
 */
function rangeWords(from, to) {
  return t('range', { from: number(from, 3), to: number(to, 3) });
}

/**
 * What the service takes at most, with its unit; empty where no range is known.
 * @param {string} name of a variable or of what describes the stay
 */
export function rangeOf(name) {
  const variable = variableNamed(name);
  if (variable !== undefined) return `${rangeIn(variable, 'hard', variable.unit)} ${symbolOf(variable.unit)}`;
  const field = stayField(name);
  return field?.hard === undefined ? '' : `${rangeWords(field.hard.min, field.hard.max)} ${coded('unit', field.unit ?? '')}`;
}
