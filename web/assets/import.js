// Reads what people paste and drop: tables of a spreadsheet (CSV, TSV, semicolons), the Challenge's PSV files, JSON and NDJSON.
// What cannot be taken is told, never dropped in silence; what may mean two things goes on as it stands, so that the service refuses it.
import { parse, separatorOf, separatorOfBlock } from './csv.js';
import { decimalsOf } from './decimal.js';
import { language, numberOf } from './language.js';
import { emptyColumn, emptySheet, isBlank } from './sheet.js';
import { stayField, stayFields, variableNamed, variables } from './vocabulary.js';

/** @typedef {import('./sheet.js').Sheet} Sheet */
/** @typedef {{name: string, sheet: Sheet}} Imported */
/** @typedef {import('./notice.js').Notice} Notice */
/** @typedef {{stays: Imported[], notices: Notice[]}} Import */
/** @typedef {{rows: string[][], separator: string, above: string[]}} Table above: lines that stood over it */

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

/** How the files of spreadsheets begin: ZIP archives (.xlsx, .ods) and the older .xls, as Windows-1252. */
const workbook = /^(?:PK\u0003\u0004|\u00d0\u00cf\u0011\u00e0)/;

/**
 * @param {string} name of the file
 * @param {string} text
 * @returns {Import}
 * @throws {Error} when it is neither a table nor JSON
 */
export function read(name, text) {
  if (workbook.test(text)) return { stays: [], notices: [{ key: 'import.workbook', error: true }] };
  const stem = name.replace(/\.[^.]*$/, '');
  return isJSON(text) ? readJSON(stem, plain(text)) : readTable(stem, tableOf(text));
}

/**
 * A text without its mark. A carriage return alone ends a line, too: so old Macs and some programs since write.
 * @param {string} text
 */
function plain(text) {
  return text.replace(/^\ufeff/, '').replace(/\r(?!\n)/g, '\n');
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
 * Whether a block is words rather than measurements: it would fill cells with what belongs to none.
 * @param {string[][]} rows
 */
export function isProse(rows) {
  const cells = rows.flat().filter((cell) => cell !== '');
  return cells.filter((cell) => beginsWithNumber.test(cell)).length * 2 < cells.length;
}

/** How a measurement begins, whatever stands behind it. */
const beginsWithNumber = /^[-+\u2212<>~≤≥]?\s*[.,]?\d/;

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

/** So many lines may stand above a table, such as its title. */
const mostAbove = 5;

/**
 * What stands above the heads of a table, such as its title; the lines are gone, and told. A first line such as sep=; is none of them.
 * @param {string} text
 * @returns {{above: string[], rest: string}}
 */
function titled(text) {
  const stated = text.slice(0, text.length - separatorOf(text).rest.length);
  const lines = text.slice(stated.length).split(/\r\n?|\n/);
  const cells = (/** @type {string} */ line) => line.split(separatorOf(line).separator).map((cell) => cell.trim());
  const heads = lines.slice(0, mostAbove + 1).findIndex((line) => recognised(cells(line)) > 1);
  if (heads <= 0) return { above: [], rest: text };
  const above = lines.slice(0, heads);
  const across = recognised(lines.map((line) => cells(line)[0] ?? '')) > 1; // its first row are the hours
  if (across || above.some((line) => line.includes('"') || recognised(cells(line)) > 0)) return { above: [], rest: text };
  return { above: above.map((line) => line.trim()).filter((line) => line !== ''), rest: stated + lines.slice(above.length).join('\n') };
}

/** A name and its value, such as FC : 98 or HR=98. */
const named = /^([^:=\t|;]+?)\s*[:=]\s*([^\t|;]*)$/;

/**
 * Lines such as "FC : 98", as notes and monitors have them, become a table across.
 * @param {string} text
 */
function withoutColons(text) {
  const lines = text.split(/\r\n?|\n/).map((line) => line.trimEnd()).filter((line) => line !== ''); // empty cells may stand behind
  if (lines.length < 2 || !lines.every((line) => named.test(line))) return text;
  const parts = lines.map((line) => named.exec(line) ?? []);
  if (recognised(parts.map(([, name = '']) => name)) === 0) return text;
  return ['icu_hour\t', ...parts.map(([, name, value]) => `${name}\t${value}`)].join('\n'); // one column, of an hour that is not named
}

/**
 * The table of a text with heads, without blank lines. A corner that is empty stays.
 * @param {string} text
 * @returns {Table}
 */
function tableOf(text) {
  const { above, rest: below } = titled(withoutColons(plain(text).replace(/^\s*\n/, '')));
  const stripped = below.replace(/^\s*\n/, '');
  const { separator, rest } = separatorOf(stripped);
  // A single column may have a comma in its head: "Calcium, total".
  const alone = separator === ',' && target(rest.split(/\r?\n/, 1)[0] ?? '') !== null;
  const found = alone ? '\t' : separator;
  return { rows: parse(rest, found).filter((row) => row.length > 1 || row[0] !== ''), separator: found, above };
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
function readTable(stem, { rows: whole, separator, above }) {
  const across = isAcross(whole);
  const rows = across ? turned(withUnits(turned(whole))) : withUnits(whole);
  const width = whole[0]?.length ?? 0;
  // Cells beyond the heads come of a comma within a number: every cell of the line may stand in the wrong column.
  const longer = whole.findIndex((row) => (separator === ',' ? row.length > width : row.slice(width).some((cell) => cell !== '')));
  if (longer > 0 && (!across || namesHours(rows[0] ?? []))) return { stays: [], notices: [{ key: 'import.longer', values: { n: longer + 1 } }] };
  const [heads = [], ...below] = pressuresApart(across ? transpose(rows) : rows);
  const lines = below.filter((line) => line.some((cell) => cell !== ''));
  const meant = targetsOf(heads);
  const cells = heads.map((_, index) => lines.map((line) => line[index] ?? ''));
  const dated = heads.some((head) => dateWords.includes(keyOf(head)));
  const doubts = meant.map((found, index) => doubtOf(found, cells[index] ?? []) ?? (isHourWord(heads[index] ?? '') && (dated || areTimesOfDay(cells[index] ?? [])) ? 'import.clock' : null));
  const targets = meant.map((found, index) => (doubts[index] === null ? found : null));
  const left = notTaken(heads, targets, lines, doubts);
  const unsure = heads.some((head, index) => targets[index] !== null && isHourWord(head) && mayBeTimesOfDay(cells[index] ?? []));
  if (targets.every((found) => found === null)) return { stays: [], notices: [{ key: 'import.nothing' }, ...left.filter((_, index) => doubts[index] !== null).flat()] };
  if (lines.length === 0) return { stays: [], notices: [{ key: 'import.empty' }, ...left.flat()] };
  const number = decimalsOf(rows.flat().map((cell) => measured(cell).amount), separator);
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
  return { stays: [...sheets].map(([name, sheet]) => ({ name, sheet })), notices: [...above.map((line) => /** @type {Notice} */ ({ key: 'import.unknown', values: { name: line } })), ...left.flat(), ...(unsure ? [/** @type {Notice} */ ({ key: 'import.hours' })] : [])] };
}

/** @param {string} head */
function isHourWord(head) {
  return hourWords.includes(keyOf(headParts(head).word));
}

/** A date, or a time of day: the service counts hours from the admission to intensive care. */
const clock = /^\d{1,2}([/.])\d{1,2}\1\d{2,4}|^\d{4}-\d{2}-\d{2}|^\d{1,2}[/.]\d{1,2}\.?\s+\d{1,2}[:h]|^\d{1,2}(:\d{2}){1,2}$|^\d{1,2}\s?h(\d{2})?$/i;

/**
 * What is told of columns that mean nothing to the service.
 * @param {string[]} heads
 * @param {(Target | null)[]} targets
 * @param {string[][]} lines
 * @param {(Doubt | null)[]} doubts
 * @returns {Notice[][]} by column
 */
function notTaken(heads, targets, lines, doubts) {
  /** @type {(head: string, index: number) => Notice[]} */
  const told = (head, index) => {
    if (targets[index] !== null) return [];
    const doubt = doubts[index] ?? null;
    if (doubt !== null) return [{ key: doubt, values: { name: head } }];
    if (head.toLowerCase() === labelColumn) return [{ key: 'import.label' }];
    if (lines.some((line) => clock.test(line[index] ?? ''))) return [{ key: 'import.clock', values: { name: head || `#${index + 1}` } }];
    if (head !== '') return [{ key: 'import.unknown', values: { name: head } }];
    return lines.some((line) => (line[index] ?? '') !== '') ? [{ key: 'import.nameless', values: { n: index + 1 } }] : [];
  };
  return heads.map(told);
}

/** Times of day without a sign of it: 08, 14, each with two digits; 0800, 1430. */
const hours = /^(?:[01]\d|2[0-3])$/;
const hoursAndMinutes = /^(?:\d|[01]\d|2[0-3])[0-5]\d$/;

/**
 * Whether hours are written as times of day are: they are no hours since admission then.
 * @param {string[]} cells
 */
function areTimesOfDay(cells) {
  const some = cells.filter((cell) => !nothing.has(cell.toLowerCase()));
  return (some.every((cell) => hours.test(cell)) && some.some((cell) => cell.startsWith('0')))
    || (some.every((cell) => hoursAndMinutes.test(cell)) && some.some((cell) => cell.length === 4));
}

/**
 * Whether hours may be times of day as well as hours since admission: whole, none beyond the day, and none of the first hour.
 * @param {string[]} cells
 */
function mayBeTimesOfDay(cells) {
  const some = cells.filter((cell) => !nothing.has(cell.toLowerCase())).map(numberOf);
  return some.length > 0 && some.every((hour) => Number.isInteger(hour) && hour > 1 && hour <= 24);
}

/** @typedef {'import.unknown' | 'import.homonym' | 'import.unit' | 'import.clock'} Doubt why a column is not taken though its head is known, as it is told */

/**
 * What the head of a column means, and how its cells are read where they are neither numbers nor an identifier.
 * @typedef {{name: string, unit: string, named?: boolean, doubt?: Doubt, read?: (cell: string) => string}} Target named: whether the head itself names the unit; doubt: what may keep it from being taken
 */

/**
 * Why a column is not taken: in a column of pressures no pair was found, and one pressure may be the mean; the head is French, and means something
 * else to whoever reads English; or a number has no unit where laboratories differ.
 * @param {Target | null} found
 * @param {string[]} cells
 * @returns {Doubt | null} null when it is taken, or its head is not known
 */
function doubtOf(found, cells) {
  const doubt = found?.doubt ?? null;
  if (doubt === 'import.homonym' && language() === 'fr') return null;
  if (doubt === 'import.unit' && cells.every((cell) => nothing.has(cell.toLowerCase()) || measured(cell).words !== '')) return null;
  return doubt;
}

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
    const { name } = found;
    const variable = variableNamed(name);
    const { amount, unit } = name === 'patient_id' ? { amount: cell, unit: found.unit } : withUnit(cell, found, number);
    const entry = found.read?.(amount) ?? amount;
    if (entry === '') return;
    if (name === 'icu_hour') column.hour = both(column.hour, entry);
    else if (variable === undefined) sheet.stay.set(name, both(sheet.stay.get(name) ?? '', entry));
    else column.cells.set(name, joined(column.cells.get(name), { text: entry, unit }));
  });
  return column;
}

/** A number with words behind it, such as 98 %, 38,5 °C or 98/min. */
const withWords = /^([-+\u2212]?\d[\d \u00a0\u202f]*(?:[.,]\d+)?)\s*((?:[%°µμ\p{L}]|\/\p{L}).*)$/u;

/**
 * The number of a cell and the words behind it, which may be its unit.
 * @param {string} cell
 */
function measured(cell) {
  const [, amount = '', words = ''] = (Number.isNaN(numberOf(cell)) && withWords.exec(cell)) || [];
  return amount === '' ? { amount: cell, words: '' } : { amount: amount.trim(), words };
}

/**
 * What a cell says under a head. A unit behind the number counts where the head names none, or the same; beside another one the cell stays as
 * it is, so that the service refuses it.
 * @param {string} cell
 * @param {Target} found
 * @param {(cell: string) => string} number
 * @returns {{amount: string, unit: string}}
 */
function withUnit(cell, found, number) {
  const { amount, words } = measured(cell);
  const variable = variableNamed(found.name);
  const whole = { amount: number(cell), unit: found.unit };
  if (words === '') return whole;
  if (variable === undefined) { // 8h at the head of an hour is a time of day
    return found.name !== 'icu_hour' && timeWords[found.unit]?.includes(keyOf(words)) ? { amount: number(amount), unit: found.unit } : whole;
  }
  const unit = unitNamed(variable, words);
  return found.named !== true || unit === found.unit ? { amount: number(amount), unit } : whole;
}

/**
 * A pair of pressures such as 120/80, perhaps with the mean behind it: 120/80 (93).
 */
const pair = /^(\d+(?:[.,]\d+)?)\s*\/\s*(\d+(?:[.,]\d+)?)(?:\s*\((\d+(?:[.,]\d+)?)\))?\s*(mm\s?Hg|kPa)?$/i;

/** What charts call both pressures in one, by key. PA is none of them: in English it is the pulmonary artery's. */
const pressures = new Set(['ta', 'pni', 'pnia', 'bp', 'nibp', 'abp', 'tension', 'tension arterielle', 'pression arterielle', 'blood pressure']);

/** The least systolic pressure of a pair: below it the pair may be in cmHg. In mmHg, and what it is in kPa. */
const leastSystolic = { mmHg: 40, kPa: 5.3 };

/**
 * The pressures of a cell, or null when it is no pair of a systolic and a diastolic one.
 * @param {string} cell
 * @param {string} headUnit empty when the head names none
 * @returns {string[] | null} with the mean, empty when there is none
 */
function pressuresOf(cell, headUnit) {
  const [, systolic = '', diastolic = '', mean = '', unit = ''] = pair.exec(cell) ?? [];
  const [upper = NaN, lower = NaN] = [systolic, diastolic].map((amount) => Number(amount.replace(',', '.')));
  const least = leastSystolic[/^kPa$/i.test(unit || headUnit) ? 'kPa' : 'mmHg'];
  if (systolic === '' || upper < least || upper <= lower) return null;
  return [systolic, diastolic, mean].map((amount) => (amount === '' ? '' : `${amount} ${unit}`.trim()));
}

/**
 * The pressures of a table that stand in one column, in three. What is no pair gets a question mark, so that the service refuses it: a single
 * number may be the mean. A column without any pair stays as it is.
 * @param {string[][]} rows the heads first
 * @returns {string[][]}
 */
function pressuresApart(rows) {
  const [heads = [], ...lines] = rows;
  const parts = heads.map((head, index) => {
    const { word, unit } = headParts(head);
    if (!pressures.has(keyOf(word)) || !lines.some((line) => pressuresOf(line[index] ?? '', unit))) return null;
    return { unit, names: ['systolic_bp', 'diastolic_bp', 'mean_arterial_pressure'].map((name) => (unit === '' ? name : `${name} (${unit})`)) };
  });
  const apart = (/** @type {string} */ cell, /** @type {string} */ unit) => {
    const whole = nothing.has(cell.toLowerCase()) ? cell : `${cell} (?)`;
    return pressuresOf(cell, unit) ?? [whole, '', ''];
  };
  return [parts.flatMap((part, index) => part?.names ?? [heads[index] ?? '']), ...lines.map((line) => line.flatMap((cell, index) => {
    const part = parts[index];
    return part ? apart(cell, part.unit) : [cell];
  }))];
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
  if (whole !== undefined) return isCode(head, whole.name) ? { ...whole, doubt: undefined } : whole;
  const { word, unit } = headParts(head);
  const found = unit === '' ? undefined : meanings().get(keyOf(word));
  if (found === undefined) return null;
  const variable = variableNamed(found.name);
  const doubt = found.doubt === 'import.unit' ? undefined : found.doubt; // the head has its unit
  if (variable !== undefined) return { name: found.name, unit: unitNamed(variable, unit), named: true, doubt };
  return (timeWords[found.unit]?.includes(keyOf(unit)) ?? true) ? found : null;
}

/**
 * Whether a head is the name of a variable in the API or the Challenge, letter by letter: "Bilirubin total" is words that any laboratory may write.
 * @param {string} head
 * @param {string} name of a variable or another field
 */
function isCode(head, name) {
  return [name, variableNamed(name)?.challenge].some((code) => code?.toLowerCase() === head.trim().toLowerCase());
}

/**
 * What the heads of a table mean. One number names the patient: another one beside it is not taken, nor is the column "patient", which holds a name.
 * @param {string[]} heads
 */
function targetsOf(heads) {
  const words = heads.map((head) => keyOf(headParts(head).word));
  const number = words.indexOf(patientNumbers.find((known) => words.includes(known)) ?? '');
  const codes = heads.every((head, index) => head === '' || patientNumbers.includes(words[index] ?? '') || words[index] === 'patient' || isOfChallenge(head));
  return heads.map((head, index) => {
    const found = target(head);
    if (found?.name === 'patient_id' && number >= 0 && index !== number) return null;
    return found?.name === 'sex' && codes && isOfChallenge(head) ? { ...found, read: challengeSex } : found;
  });
}

/** What a patient's number is called, by key; of several the first one counts. */
const patientNumbers = ['patient id', 'ipp', 'nip', 'mrn'];

/**
 * Whether a head is that of a column of the Challenge.
 * @param {string} head
 */
function isOfChallenge(head) {
  const name = head.trim().toLowerCase();
  return ['age', 'iculos', labelColumn, ...Object.keys(challengeStay)].includes(name) || variables.some(({ challenge }) => challenge.toLowerCase() === name);
}

/**
 * The words of a head, and the unit that may stand behind them in brackets.
 * @param {string} head
 */
function headParts(head) {
  const [, word = head.trim(), round, square] = /^(.*?)\s*(?:\(([^()]*)\)|\[([^[\]]*)\])$/.exec(head.trim()) ?? [];
  return { word, unit: round ?? square ?? '' };
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

/** Words, by key, that may be of hours since admission, or of the time of day. */
const hourWords = ['hour', 'heure', 'h'];

/** What a column of dates is called, by key: the hours beside it are times of day. */
const dateWords = ['date', 'jour', 'day'];

/** @type {Map<string, Target>} */
const known = new Map();

/** All words that can stand at the head of a column, by their keys. */
function meanings() {
  if (known.size > 0) return known;
  for (const variable of variables) {
    const doubt = unitUnseen.has(variable.name) ? /** @type {const} */ ('import.unit') : undefined;
    for (const word of [variable.description.en, variable.description.fr, variable.name, variable.challenge]) known.set(keyOf(word), { name: variable.name, unit: variable.unit, doubt });
  }
  for (const field of stayFields) {
    for (const word of [field.name, field.description.en, field.description.fr]) known.set(keyOf(word), { name: field.name, unit: field.unit ?? '', read: choices[field.name] });
  }
  for (const word of ['iculos', ...hourWords]) known.set(word, { name: 'icu_hour', unit: 'h' });
  for (const word of [...patientNumbers, 'patient']) known.set(word, { name: 'patient_id', unit: '' });
  const charts = (/** @type {string} */ word, /** @type {string} */ name, /** @type {Doubt | undefined} */ doubt) => known.set(word, { name, unit: variableNamed(name)?.unit ?? '', doubt });
  for (const word of pressures) charts(word, 'systolic_bp', 'import.unknown'); // it is a head; what its cells say, pressuresApart reads
  for (const [word, name] of Object.entries(charted)) charts(word, name, undefined);
  for (const [word, name] of Object.entries(chartedInFrench)) charts(word, name, 'import.homonym');
  for (const [word, name] of Object.entries(chartedWithUnit)) charts(word, name, 'import.unit');
  for (const [word, meaning] of Object.entries(challengeStay)) known.set(word, meaning);
  return known;
}

/**
 * The code of a unit that a head names by code or symbol. An unknown one is kept, so that the service refuses it.
 * @param {import('./vocabulary.js').Variable} variable
 * @param {string} words
 */
function unitNamed(variable, words) {
  const plain = (/** @type {string} */ name) => name.trim().normalize('NFKC').replace(/(?<=\/d?)l$/, 'L'); // the sign for micro has two codes
  const same = (/** @type {string} */ name) => plain(name) === plain(words);
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

const sexes = {
  m: 'male', male: 'male', man: 'male', h: 'male', homme: 'male', masculin: 'male',
  f: 'female', female: 'female', woman: 'female', femme: 'female', feminin: 'female',
};

/** The Challenge's codes of the sex. Elsewhere 1 and 0, or 1 and 2, may mean either. */
const challengeSex = byWords({ ...sexes, 1: 'male', 0: 'female' });

/**
 * How cells of choices are read, by field.
 * @type {Record<string, (cell: string) => string>}
 */
const choices = {
  sex: byWords(sexes),
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
  fc: 'heart_rate', pouls: 'heart_rate', fr: 'respiratory_rate',
  't°': 'temperature', temperature: 'temperature', lactates: 'lactate', gb: 'wbc', hb: 'hemoglobin',
  'pa systolique': 'systolic_bp', 'ta sys': 'systolic_bp', 'pa diastolique': 'diastolic_bp', 'ta dia': 'diastolic_bp',
  'pa moy': 'mean_arterial_pressure', 'pa moyenne': 'mean_arterial_pressure', spo2: 'spo2', plaq: 'platelets', plt: 'platelets', hte: 'hematocrit',
  'k+': 'potassium', 'cl-': 'chloride', 'hco3-': 'bicarbonate', be: 'base_excess',
};

/**
 * What French charts write, and what is something else in English: the pressures of the pulmonary artery, a height, tricyclic antidepressants.
 * It is read while the page is in French.
 * @type {Record<string, string>}
 */
const chartedInFrench = {
  pas: 'systolic_bp', 'pa sys': 'systolic_bp', pad: 'diastolic_bp', 'pa dia': 'diastolic_bp', pam: 'mean_arterial_pressure', ht: 'hematocrit', tca: 'ptt',
};

/**
 * What charts write at the head of a column whose unit differs from place to place: it is read where the head or the cells name the unit.
 * @type {Record<string, string>}
 */
const chartedWithUnit = { creat: 'creatinine', bili: 'bilirubin_total', bilirubine: 'bilirubin_total', calcemie: 'calcium', fibri: 'fibrinogen' };

/** Variables whose words, other than the names of the API and of the Challenge, need their unit, too: what is usual in one unit is usual in another, and the service cannot tell. */
const unitUnseen = new Set(['bilirubin_total', 'bilirubin_direct', 'troponin_i']);

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
  const columns = turned(rows);
  const [corner, ...lines] = columns;
  if (corner === undefined || !namesHours(rows[0] ?? [])) return columns;
  const since = (rows[0] ?? []).slice(1).some((cell) => hourOf(cell) !== cell); // h6
  corner[0] = since ? 'icu_hour' : target(corner[0] ?? '') === null ? 'h' : corner[0] ?? '';
  for (const line of lines) line[0] = hourOf(line[0] ?? '');
  return columns;
}

/**
 * The columns of a table as its rows.
 * @param {string[][]} rows
 * @returns {string[][]}
 */
function turned(rows) {
  const width = Math.max(...rows.map((row) => row.length));
  return Array.from({ length: width }, (_, column) => rows.map((row) => row[column] ?? ''));
}

/** Units that begin with a number: 1/min, 1000/mm³, and the powers of ten of counts, such as 10³/µL, 10^9/L or 10e9/L. */
const powerUnit = /^(?:10\s*(?:[*^]|[¹²³⁴-⁹])|(?:1|1 ?000|10[e. ](?:3|6|9|12)|1e(?:3|6|9|12))\s*\/)/i;

/**
 * A table whose first row below the heads holds their units, as spreadsheets have it: the units go behind the heads, in brackets. Such a row
 * names a unit that is known, holds no measurement, and contradicts no unit of a head: otherwise it stays as it is, so that the service refuses it.
 * @param {string[][]} rows the heads first
 * @returns {string[][]}
 */
function withUnits(rows) {
  const [heads = [], first = [], ...lines] = rows;
  const units = first.map((cell) => cell.replace(/^[([](.*)[)\]]$/, '$1').trim());
  const named = units.some((unit, index) => {
    const variable = variableNamed(target(heads[index] ?? '')?.name ?? '');
    return unit !== '' && variable?.accepted_units.includes(unitNamed(variable, unit)) === true;
  });
  const measures = (/** @type {string} */ unit) => beginsWithNumber.test(unit) && !(powerUnit.test(unit) && lines.length > 0); // a last row may hold 1000/mm³ leukocytes
  if (!named || units.some(measures)) return rows;
  const bare = (/** @type {string} */ unit, /** @type {string} */ head) => nothing.has(unit.toLowerCase()) || head === '';
  const ownUnit = (/** @type {string} */ head) => (meanings().has(keyOf(head)) ? '' : headParts(head).unit); // (ASAT) is none
  const differs = (/** @type {string} */ unit, /** @type {string} */ head) => ownUnit(head) !== '' && target(`${headParts(head).word} (${unit})`)?.unit !== target(head)?.unit;
  if (heads.some((head, index) => !bare(units[index] ?? '', head) && differs(units[index] ?? '', head))) return rows;
  return [heads.map((head, index) => (bare(units[index] ?? '', head) || ownUnit(head) !== '' ? head : `${head} (${units[index]})`)), ...lines];
}
