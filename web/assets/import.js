// Reads what people paste and drop: tables of a spreadsheet (CSV, TSV, semicolons), the Challenge's PSV files, JSON and NDJSON.
// What cannot be taken is told, never dropped in silence; what may mean two things goes on as it stands, so that the service refuses it.
import { parse, separatorOf, separatorOfBlock } from './csv.js';
import { decimalsOf } from './decimal.js';
import { numberOf } from './language.js';
import { emptyColumn, emptySheet, isBlank } from './sheet.js';
import { stayField, stayFields, variableNamed, variables } from './vocabulary.js';

/** @typedef {import('./sheet.js').Sheet} Sheet */
/** @typedef {{name: string, sheet: Sheet}} Imported */
/** @typedef {import('./notice.js').Notice} Notice */
/** @typedef {{stays: Imported[], notices: Notice[]}} Import */
/** @typedef {{rows: string[][], separator: string}} Table */

/** What stands in a cell in which nothing was measured. */
const nothing = new Set(['', 'nan', 'na', 'n/a', 'null', '-', '–']);
const labelColumn = 'sepsislabel';

/**
 * The text of a file: UTF-8, or UTF-16 by its mark; what is neither was written by a spreadsheet of western Europe.
 * @param {File} file
 */
export async function textOf(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/**
 * @param {string} name of the file
 * @param {string} text
 * @returns {Import}
 * @throws {Error} when it is neither a table nor JSON
 */
export function read(name, text) {
  const stem = name.replace(/\.[^.]*$/, '');
  return isJSON(text) ? readJSON(stem, withoutMark(text)) : readTable(stem, tableOf(text));
}

/** @param {string} text */
function withoutMark(text) {
  return text.replace(/^\ufeff/, '');
}

/** @param {string} text */
function isJSON(text) {
  return /^\ufeff?\s*[{[]/.test(text);
}

/**
 * A table whose cells have no heads, as it is copied out of the middle of a spreadsheet: canonical texts, empty where nothing was
 * measured. Empty lines are rows of it.
 * @param {string} text
 * @returns {string[][] | null} null when it is a single cell
 * @throws {SyntaxError} as parse does
 */
export function block(text) {
  const separator = separatorOfBlock(text);
  const rows = parse(text.replace(/[\r\n]+$/, ''), separator);
  const cells = rows.flat();
  if (rows.every((row) => row.length === 1) && cells.filter((cell) => cell !== '').length < 2) return null;
  const read = decimalsOf(cells, separator);
  return rows.map((row) => row.map((cell) => (nothing.has(cell.toLowerCase()) ? '' : read(cell))));
}

/**
 * Whether a text is JSON or a table that names what it holds, in its first row or its first column.
 * @param {string} text
 * @throws {SyntaxError} as parse does
 */
export function hasHeads(text) {
  if (isJSON(text)) return true;
  const { rows } = tableOf(text);
  return rows.flat().length > 1 && (recognised(rows[0] ?? []) > 0 || recognised(rows.map((row) => row[0] ?? '')) > 0);
}

/**
 * How many of the words are heads.
 * @param {string[]} words
 */
function recognised(words) {
  return words.filter((word) => target(word) !== null).length;
}

/**
 * The table of a text with heads, without blank lines. A corner that is empty stays.
 * @param {string} text
 * @returns {Table}
 */
function tableOf(text) {
  const stripped = withoutMark(text).replace(/^\s*\n/, '');
  const { separator, rest } = separatorOf(stripped);
  // A single column may have a comma in its head: "Calcium, total".
  const alone = separator === ',' && target(rest.split(/\r?\n/, 1)[0] ?? '') !== null;
  const found = alone ? '\t' : separator;
  return { rows: parse(rest, found).filter((row) => row.length > 1 || row[0] !== ''), separator: found };
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
  const doubled = doubledKey(text);
  if (doubled !== null) return { stays: [], notices: [{ key: 'import.doubled', values: doubled }] };
  if (bodies.some((body) => typeof body?.resourceType === 'string')) return { stays: [], notices: [{ key: 'import.fhir' }] };
  /** @type {Notice[]} */
  const notices = [];
  const stays = bodies.map((body, index) => {
    const sheet = sheetOf(body, notices);
    return { name: sheet.stay.get('patient_id') || (bodies.length > 1 ? `${stem} ${index + 1}` : stem), sheet };
  });
  if (stays.every(({ sheet }) => saysNothing(sheet))) return { stays: [], notices: [{ key: 'import.nothing' }] };
  return { stays, notices };
}

/**
 * The first key that an object of a text names twice, of which JSON.parse would take the last without a word.
 * @param {string} text valid JSON, or lines of it
 * @returns {{name: string, line: number} | null} line from 1
 */
function doubledKey(text) {
  /** @type {Set<string>[]} the keys of the objects that are open: a key is always one of the innermost */
  const open = [];
  for (const { 0: token, 1: quoted = '', 2: colon, index } of text.matchAll(/("(?:[^"\\]|\\.)*")\s*(:)?|[{}]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (colon !== undefined) {
      const name = JSON.parse(quoted);
      if (open.at(-1)?.has(name)) return { name, line: text.slice(0, index).split('\n').length };
      open.at(-1)?.add(name);
    }
  }
  return null;
}

/**
 * Whether nothing at all stands in a sheet.
 * @param {Sheet} sheet
 */
export function saysNothing(sheet) {
  return sheet.columns.every(isBlank) && [...sheet.stay.values()].every((text) => text === '');
}

/**
 * The sheet of a request's body.
 * @param {Record<string, any>} body
 * @param {Notice[]} [notices] gathers what is not taken
 * @returns {Sheet}
 */
export function sheetOf(body, notices = []) {
  const sheet = emptySheet();
  const { observations, ...flat } = body;
  const refuse = (/** @type {string} */ name) => notices.push({ key: 'import.unknown', values: { name } });
  const hourly = observations ?? [flat];
  const columns = hourly.map((/** @type {Record<string, any>} */ observation) => {
    const column = emptyColumn(text(observation.icu_hour));
    for (const [name, value] of Object.entries(observation)) {
      if (name === 'icu_hour' || (observation === flat && isOfStay(name))) continue;
      if (variableNamed(name) === undefined) refuse(name);
      else takeValue(column, name, value, refuse);
    }
    return column;
  });
  if (columns.length > 0) sheet.columns = columns;
  for (const [name, value] of Object.entries(flat)) {
    const rounded = typeof value === 'number' && name === 'patient_id' && !Number.isSafeInteger(value); // it has become another one's
    if (isOfStay(name) && !rounded) sheet.stay.set(name, text(value));
    else if (rounded || hourly === observations) refuse(name); // what stands beside observations belongs to no hour
  }
  return sheet;
}

/** @param {string} name */
function isOfStay(name) {
  return name === 'patient_id' || (name !== 'icu_hour' && stayField(name) !== undefined);
}

/**
 * Takes a value of JSON: a number in the variable's own unit, or an object with a value and its unit.
 * @param {import('./sheet.js').Column} column
 * @param {string} name of a variable
 * @param {any} value
 * @param {(name: string) => void} refuse
 */
function takeValue(column, name, value, refuse) {
  const { value: amount, unit, ...more } = typeof value === 'object' && value !== null ? value : { value, unit: variableNamed(name)?.unit };
  for (const part of Object.keys(more)) refuse(`${name}.${part}`);
  if (amount !== null) column.cells.set(name, { text: text(amount), unit: text(unit) });
}

/**
 * A value of JSON as a sheet holds it.
 * @param {unknown} value
 */
function text(value) {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/**
 * @param {string} stem
 * @param {Table} table
 * @returns {Import}
 */
function readTable(stem, { rows, separator }) {
  const across = isAcross(rows);
  const width = rows[0]?.length ?? 0;
  // Cells beyond the heads come of a comma within a number: every cell of the line may stand in the wrong column.
  const longer = rows.findIndex((row) => (separator === ',' ? row.length > width : row.slice(width).some((cell) => cell !== '')));
  if (longer > 0 && (!across || namesHours(rows[0] ?? []))) return { stays: [], notices: [{ key: 'import.longer', values: { n: longer + 1 } }] };
  const [heads = [], ...below] = across ? transpose(rows) : rows;
  const lines = below.filter((line) => line.some((cell) => cell !== ''));
  const targets = heads.map(target);
  if (targets.every((found) => found === null)) return { stays: [], notices: [{ key: 'import.nothing' }] };
  const number = decimalsOf(rows.flat(), separator);
  const who = targets.findIndex((found) => found?.name === 'patient_id');
  const ids = new Set(lines.map((line) => line[who] ?? '').filter((id) => id !== ''));
  /** @type {Map<string, Sheet>} */
  const sheets = new Map();
  for (const line of lines) {
    // Of several patients each line says whose it is; the one of a table may be named in one line alone.
    const name = (ids.size > 1 ? line[who] : [...ids][0]) || stem;
    /** @type {Sheet} */
    const sheet = sheets.get(name) ?? { stay: new Map(), columns: [] };
    sheets.set(name, sheet);
    sheet.columns.push(columnOf(line, targets, sheet, number));
  }
  return { stays: [...sheets].map(([name, sheet]) => ({ name, sheet })), notices: notTaken(heads, targets, lines) };
}

/**
 * What is told of columns that mean nothing to the service.
 * @param {string[]} heads
 * @param {(Target | null)[]} targets
 * @param {string[][]} lines
 * @returns {Notice[]}
 */
function notTaken(heads, targets, lines) {
  /** @type {(head: string, index: number) => Notice[]} */
  const told = (head, index) => {
    if (targets[index] !== null) return [];
    if (head.toLowerCase() === labelColumn) return [{ key: 'import.label' }];
    if (head !== '') return [{ key: 'import.unknown', values: { name: head } }];
    return lines.some((line) => (line[index] ?? '') !== '') ? [{ key: 'import.nameless', values: { n: index + 1 } }] : [];
  };
  return heads.flatMap(told);
}

/**
 * What the head of a column means, and how its cells are read where they are neither numbers nor an identifier.
 * @typedef {{name: string, unit: string, read?: (cell: string) => string}} Target
 */

/**
 * @param {string[]} line
 * @param {(Target | null)[]} targets
 * @param {Sheet} sheet
 * @param {(cell: string) => string} number
 */
function columnOf(line, targets, sheet, number) {
  const column = emptyColumn('');
  targets.forEach((found, index) => {
    const cell = line[index] ?? '';
    if (found === null || nothing.has(cell.toLowerCase())) return;
    const { name, unit } = found;
    const entry = found.read?.(number(cell)) ?? (name === 'patient_id' ? cell : number(cell));
    if (entry === '') return;
    if (name === 'icu_hour') column.hour = both(column.hour, entry);
    else if (variableNamed(name) === undefined) sheet.stay.set(name, both(sheet.stay.get(name) ?? '', entry));
    else column.cells.set(name, joined(column.cells.get(name), { text: entry, unit }));
  });
  return column;
}

/**
 * What two columns or two lines say of one thing. Where they differ both stand there, which the service refuses.
 * @param {string} before empty when nothing was said
 * @param {string} text
 */
function both(before, text) {
  const same = before.split(' / ').some((known) => known === text || numberOf(known) === numberOf(text));
  return before === '' ? text : same ? before : `${before} / ${text}`;
}

/**
 * @param {import('./sheet.js').Cell | undefined} before
 * @param {import('./sheet.js').Cell} cell
 * @returns {import('./sheet.js').Cell}
 */
function joined(before, cell) {
  if (before === undefined) return cell;
  if (before.unit === cell.unit) return { text: both(before.text, cell.text), unit: cell.unit };
  return { text: `${before.text} ${before.unit} / ${cell.text} ${cell.unit}`, unit: cell.unit };
}

/**
 * What the head of a column means: a name of the API or of the Challenge, the words of the page or those of a chart, perhaps with a
 * unit behind it in brackets. An age in months means nothing, nor do hours in minutes.
 * @param {string} head
 * @returns {Target | null}
 */
function target(head) {
  const whole = meanings().get(keyOf(head));
  if (whole !== undefined) return whole;
  const [, word = '', round, square] = /^(.*?)\s*(?:\(([^()]*)\)|\[([^[\]]*)\])$/.exec(head.trim()) ?? [];
  const found = meanings().get(keyOf(word));
  if (found === undefined) return null;
  const unit = round ?? square ?? '';
  const variable = variableNamed(found.name);
  if (variable !== undefined) return { name: found.name, unit: unitNamed(variable, unit) };
  return (timeWords[found.unit]?.includes(keyOf(unit)) ?? true) ? found : null;
}

/**
 * What people call the units of the stay, by code.
 * @type {Record<string, string[]>}
 */
const timeWords = { a: ['a', 'an', 'ans', 'annees', 'y', 'yr', 'yrs', 'year', 'years'], h: ['h', 'hr', 'hrs', 'hour', 'hours', 'heure', 'heures'] };

/**
 * Words as they are looked up: in lower case, without accents, digits on the line (SpO₂), one blank where there are several, a line
 * break or an underscore.
 * @param {string} words
 */
function keyOf(words) {
  return words.normalize('NFKD').replace(/\p{M}/gu, '').replace(/[\s_]+/g, ' ').trim().toLowerCase();
}

/** @type {Map<string, Target>} */
const known = new Map();

/** All words that can stand at the head of a column, by their keys. */
function meanings() {
  if (known.size > 0) return known;
  for (const variable of variables) {
    for (const word of [variable.name, variable.challenge, variable.description.en, variable.description.fr]) known.set(keyOf(word), { name: variable.name, unit: variable.unit });
  }
  for (const field of stayFields) {
    for (const word of [field.name, field.description.en, field.description.fr]) known.set(keyOf(word), { name: field.name, unit: field.unit ?? '', read: choices[field.name] });
  }
  for (const word of ['iculos', 'hour', 'heure', 'h']) known.set(word, { name: 'icu_hour', unit: 'h' });
  for (const word of ['patient_id', 'patient']) known.set(keyOf(word), { name: 'patient_id', unit: '' });
  for (const [word, name] of Object.entries(charted)) known.set(word, { name, unit: variableNamed(name)?.unit ?? '' });
  for (const [word, meaning] of Object.entries(challengeStay)) known.set(word, meaning);
  return known;
}

/**
 * The code of a unit that a head names by code or symbol. An unknown one is kept, so that the service refuses it.
 * @param {import('./vocabulary.js').Variable} variable
 * @param {string} words
 */
function unitNamed(variable, words) {
  const same = (/** @type {string} */ name) => name.normalize('NFKC') === words.trim().normalize('NFKC'); // the sign for micro has two codes
  const units = [{ unit: variable.unit, symbol: variable.symbol }, ...variable.conversions];
  return units.find(({ unit, symbol }) => same(unit) || same(symbol))?.unit ?? words;
}

/**
 * Reads a cell by a table of words; what is not in it stays as it is, so that the service refuses it.
 * @param {Record<string, string>} words by their keys
 * @returns {(cell: string) => string}
 */
function byWords(words) {
  const known = new Map(Object.entries(words));
  return (cell) => known.get(Number.isNaN(numberOf(cell)) ? keyOf(cell) : String(numberOf(cell))) ?? cell;
}

/** @param {string} kind of unit that a column of the Challenge tells of by 1 and 0 */
function flag(kind) {
  return byWords({ 1: kind, yes: kind, oui: kind, true: kind, vrai: kind, 0: '', no: '', non: '', false: '', faux: '' });
}

/**
 * How cells of choices are read, by field.
 * @type {Record<string, (cell: string) => string>}
 */
const choices = {
  sex: byWords({
    1: 'male', m: 'male', male: 'male', man: 'male', h: 'male', homme: 'male', masculin: 'male',
    0: 'female', f: 'female', female: 'female', woman: 'female', femme: 'female', feminin: 'female',
  }),
  icu_unit: byWords({
    medical: 'medical', medicale: 'medical', surgical: 'surgical', chirurgical: 'surgical', chirurgicale: 'surgical',
  }),
};

/**
 * What charts write at the head of a column, by key. Nothing stands here that is charted in another unit than the variable's own: urée
 * is not urea nitrogen.
 * @type {Record<string, string>}
 */
const charted = {
  fc: 'heart_rate', pouls: 'heart_rate', pas: 'systolic_bp', pad: 'diastolic_bp', pam: 'mean_arterial_pressure', fr: 'respiratory_rate',
  't°': 'temperature', temperature: 'temperature', lactates: 'lactate', gb: 'wbc', hb: 'hemoglobin', tca: 'ptt',
};

/**
 * The Challenge's columns that are coded otherwise than the API's fields.
 * @type {Record<string, Target>}
 */
const challengeStay = {
  gender: { name: 'sex', unit: '', read: choices.sex },
  unit1: { name: 'icu_unit', unit: '', read: flag('medical') },
  unit2: { name: 'icu_unit', unit: '', read: flag('surgical') },
  // The Challenge counts the hours before intensive care below zero. Above zero they become hours that the service refuses.
  hospadmtime: {
    name: 'hours_in_hospital_before_icu', unit: 'h',
    read: (cell) => (Number.isNaN(numberOf(cell)) ? cell : String(0 - numberOf(cell))),
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
 * Whether the first row of a table across holds the hours: it names no variable, and numbers follow.
 * @param {string[]} row
 */
function namesHours(row) {
  return (target(row[0] ?? '') === null || target(row[0] ?? '')?.name === 'icu_hour') && row.slice(1).every((cell) => cell === '' || !Number.isNaN(numberOf(hourOf(cell).replace(',', '.'))));
}

/**
 * The number of an hour such as h12.
 * @param {string} cell
 */
function hourOf(cell) {
  return cell.replace(/^h\s*/i, '');
}

/**
 * @param {string[][]} rows
 * @returns {string[][]}
 */
function transpose(rows) {
  const width = Math.max(...rows.map((row) => row.length));
  const turned = Array.from({ length: width }, (_, column) => rows.map((row) => row[column] ?? ''));
  const [corner, ...lines] = turned;
  if (corner === undefined || !namesHours(rows[0] ?? [])) return turned;
  corner[0] = 'icu_hour';
  for (const line of lines) line[0] = hourOf(line[0] ?? '');
  return turned;
}
