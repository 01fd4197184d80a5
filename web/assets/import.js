// Reads what people paste and drop: tables of a spreadsheet (CSV, TSV, semicolons), the Challenge's PSV files, JSON and NDJSON.
// What cannot be taken is told, never dropped in silence.
import { parseNumber, t } from './language.js';
import { emptyColumn, emptySheet, plain } from './sheet.js';
import { stayFields, variableNamed, variables } from './vocabulary.js';

/** @typedef {import('./sheet.js').Sheet} Sheet */
/** @typedef {{name: string, sheet: Sheet}} Imported */
/** @typedef {{stays: Imported[], notices: string[]}} Import */

/** What stands in a cell in which nothing was measured. */
const nothing = new Set(['', 'nan', 'na', 'n/a', 'null', '-', '–']);
const labelColumn = 'sepsislabel';

/**
 * @param {string} name of the file
 * @param {string} text
 * @returns {Import}
 */
export function read(name, text) {
  const trimmed = text.replace(/^\ufeff/, '').trim();
  const stem = name.replace(/\.[^.]*$/, '');
  if (trimmed.startsWith('{') || trimmed.startsWith('[')) return readJSON(stem, trimmed);
  return readTable(stem, rowsOf(trimmed));
}

/**
 * A table whose cells have no heads, as it is copied out of the middle of a spreadsheet.
 * @param {string} text
 * @returns {string[][] | null} null when it is a single cell
 */
export function block(text) {
  const rows = rowsOf(text.replace(/\r?\n$/, ''));
  return rows.length > 1 || (rows[0]?.length ?? 0) > 1 ? rows : null;
}

/**
 * Whether a table names what it holds, in its first row or its first column.
 * @param {string[][]} rows
 */
export function hasHeads(rows) {
  return recognised(rows[0] ?? []) > 0 || recognised(rows.map((row) => row[0] ?? '')) > 0;
}

/**
 * How many of the words are heads.
 * @param {string[]} words
 */
function recognised(words) {
  return words.filter((word) => target(word) !== null).length;
}

/**
 * @param {string} text
 * @returns {string[][]}
 */
function rowsOf(text) {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const first = lines[0] ?? '';
  const separator = ['\t', '|', ';', ','].find((candidate) => first.includes(candidate)) ?? '\t';
  return lines.map((line) => line.split(separator).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1')));
}

/**
 * @param {string} stem
 * @param {string} text
 * @returns {Import}
 */
function readJSON(stem, text) {
  /** @type {any[]} */
  let bodies;
  try {
    const whole = JSON.parse(text);
    bodies = Array.isArray(whole) ? whole : [whole];
  } catch {
    bodies = text.split('\n').filter((line) => line.trim() !== '').map((line) => JSON.parse(line));
  }
  /** @type {string[]} */
  const notices = [];
  const stays = bodies.map((body, index) => ({
    name: body.patient_id ?? (bodies.length > 1 ? `${stem} ${index + 1}` : stem),
    sheet: sheetOf(body, notices),
  }));
  return { stays, notices: [...new Set(notices)] };
}

/**
 * The sheet of a request's body.
 * @param {Record<string, any>} body
 * @param {string[]} notices
 * @returns {Sheet}
 */
export function sheetOf(body, notices = []) {
  const sheet = emptySheet();
  const { observations, ...flat } = body;
  sheet.columns = (observations ?? [flat]).map((/** @type {Record<string, any>} */ observation) => {
    const column = emptyColumn(text(observation.icu_hour));
    for (const [name, value] of Object.entries(observation)) {
      const variable = variableNamed(name);
      if (variable === undefined || value === null) continue;
      const unit = typeof value === 'object' ? value.unit : variable.unit;
      column.cells.set(name, { text: text(typeof value === 'object' ? value.value : value), unit });
    }
    return column;
  });
  for (const name of Object.keys(flat)) {
    if (stayFields.some((field) => field.name === name) || name === 'patient_id') sheet.stay.set(name, text(flat[name]));
    else if (variableNamed(name) === undefined) notices.push(t('import.unknown', { name }));
  }
  return sheet;
}

/** @param {unknown} value */
function text(value) {
  if (value === null || value === undefined) return '';
  return typeof value === 'number' ? plain(value) : String(value);
}

/**
 * @param {string} stem
 * @param {string[][]} rows
 * @returns {Import}
 */
function readTable(stem, rows) {
  const across = isAcross(rows) ? transpose(rows) : rows;
  const [heads = [], ...lines] = across;
  const targets = heads.map(target);
  /** @type {string[]} */
  const notices = [];
  heads.forEach((head, index) => {
    if (targets[index] !== null || head === '') return;
    notices.push(head.toLowerCase() === labelColumn ? t('import.label') : t('import.unknown', { name: head }));
  });
  if (targets.every((found) => found === null)) return { stays: [], notices: [t('import.nothing')] };
  /** @type {Map<string, Sheet>} */
  const sheets = new Map();
  const who = targets.findIndex((found) => found?.name === 'patient_id');
  for (const line of lines) {
    const name = line[who] ?? stem;
    /** @type {Sheet} */
    const sheet = sheets.get(name) ?? { stay: new Map(), columns: [] };
    sheets.set(name, sheet);
    sheet.columns.push(columnOf(line, targets, sheet));
  }
  return { stays: [...sheets].map(([name, sheet]) => ({ name, sheet })), notices };
}

/** @typedef {{name: string, unit: string, read?: (cell: string) => [string, string] | null}} Target */

/**
 * @param {string[]} line
 * @param {(Target | null)[]} targets
 * @param {Sheet} sheet
 */
function columnOf(line, targets, sheet) {
  const column = emptyColumn('');
  targets.forEach((found, index) => {
    const cell = line[index] ?? '';
    if (found === null || nothing.has(cell.toLowerCase())) return;
    if (found.read !== undefined) {
      const entry = found.read(cell);
      if (entry !== null) sheet.stay.set(...entry);
    } else if (found.name === 'icu_hour') column.hour = typed(cell);
    else if (variableNamed(found.name) !== undefined) column.cells.set(found.name, { text: typed(cell), unit: found.unit });
    else sheet.stay.set(found.name, found.name === 'age' || found.unit === 'h' ? typed(cell) : cell.toLowerCase());
  });
  return column;
}

/**
 * A number of a file, which may have a point where the reader writes a comma.
 * @param {string} cell
 */
function typed(cell) {
  return /^[-+]?\d*\.\d+$/.test(cell) ? plain(Number(cell)) : cell;
}

/**
 * What the head of a column means: a name of the API or of the Challenge, or the words of the page, perhaps with a unit behind it
 * in brackets.
 * @param {string} head
 * @returns {Target | null}
 */
function target(head) {
  const parts = /^(.*?)\s*(?:[([]([^\])]+)[)\]])?$/.exec(head.trim());
  const word = (parts?.[1] ?? '').toLowerCase();
  const found = meanings().get(word);
  if (found === undefined) return null;
  const variable = variableNamed(found.name);
  return variable === undefined ? found : { name: found.name, unit: unitNamed(variable, parts?.[2]) };
}

/** @type {Map<string, Target>} */
const known = new Map();

/** All words that can stand at the head of a column, in lower case. */
function meanings() {
  if (known.size > 0) return known;
  for (const variable of variables) {
    for (const word of [variable.name, variable.challenge, variable.description.en, variable.description.fr]) known.set(word.toLowerCase(), { name: variable.name, unit: variable.unit });
  }
  for (const field of stayFields) {
    for (const word of [field.name, field.description.en, field.description.fr]) known.set(word.toLowerCase(), { name: field.name, unit: field.unit ?? '' });
  }
  for (const word of ['iculos', 'hour', 'heure', 'h']) known.set(word, { name: 'icu_hour', unit: 'h' });
  for (const word of ['patient_id', 'patient']) known.set(word, { name: 'patient_id', unit: '' });
  for (const [word, meaning] of Object.entries(challengeStay)) known.set(word, meaning);
  return known;
}

/**
 * The code of a unit that a head names by code or symbol. An unknown one is kept, so that the service refuses it.
 * @param {import('./vocabulary.js').Variable} variable
 * @param {string | undefined} words
 */
function unitNamed(variable, words) {
  if (words === undefined || words === variable.unit || words === variable.symbol) return variable.unit;
  return variable.conversions.find((conversion) => conversion.unit === words || conversion.symbol === words)?.unit ?? words;
}

/**
 * The Challenge's columns that are coded otherwise than the API's fields.
 * @type {Record<string, Target>}
 */
const challengeStay = {
  gender: { name: 'sex', unit: '', read: (cell) => ['sex', Number(cell) === 1 ? 'male' : 'female'] },
  unit1: { name: 'icu_unit', unit: '', read: (cell) => (Number(cell) === 1 ? ['icu_unit', 'medical'] : null) },
  unit2: { name: 'icu_unit', unit: '', read: (cell) => (Number(cell) === 1 ? ['icu_unit', 'surgical'] : null) },
  // The Challenge counts the hours before intensive care below zero; above zero they have no meaning to the API.
  hospadmtime: {
    name: 'hours_in_hospital_before_icu', unit: 'h',
    read: (cell) => (Number(cell) <= 0 ? ['hours_in_hospital_before_icu', plain(-Number(cell))] : null),
  },
};

/**
 * Whether the variables stand below each other, with the hours beside each other.
 * @param {string[][]} rows
 */
function isAcross(rows) {
  return recognised(rows.map((row) => row[0] ?? '')) > recognised(rows[0] ?? []);
}

/**
 * @param {string[][]} rows
 * @returns {string[][]}
 */
function transpose(rows) {
  const head = rows[0] ?? [];
  const width = Math.max(...rows.map((row) => row.length));
  const turned = Array.from({ length: width }, (_, column) => rows.map((row) => row[column] ?? ''));
  // A first row that names no variable holds the hours.
  const corner = turned[0];
  if (corner !== undefined && target(head[0] ?? '') === null && head.slice(1).every((cell) => !Number.isNaN(parseNumber(cell.replace(/^h/i, ''))))) {
    corner[0] = 'icu_hour';
    for (const row of turned.slice(1)) row[0] = (row[0] ?? '').replace(/^h/i, '');
  }
  return turned;
}
