// The form of one patient: the stay, and a grid with a row for each measurement and a column for each hour.
import { button, fill, h, on } from './dom.js';
import { canonical, coded, colon, count, localised, number, numberOf, t } from './language.js';
import { hintView } from './refusal.js';
import { columnAt, emptyColumn, fateOf, inspect, placeKey, rangeIn, shown } from './sheet.js';
import { groups, labelOf, stayFields, symbolOf, unitIn, variableNamed } from './vocabulary.js';

/** @typedef {import('./sheet.js').Sheet} Sheet */
/** @typedef {import('./sheet.js').Place} Place */
/** @typedef {import('./sheet.js').Issue} Issue */
/** @typedef {import('./vocabulary.js').Variable} Variable */

/** How many hours stand beside each other; the others are a button away. */
const hoursShown = 8;
/** Groups that are open from the start; others open when something stands in them. */
const openGroups = new Set(['vitals', 'blood_gas']);

/**
 * What the form needs to know, and whom it tells.
 * @typedef {object} Host
 * @property {Sheet} sheet
 * @property {Map<string, Issue[]>} issues by place
 * @property {Map<string, string>} units of the rows, by variable; a row that is not in it has the variable's own
 * @property {() => void} changed something was typed
 * @property {(told: import('./notice.js').Notice) => void} takes something is about to be taken from the form, and so the form changed, which can be put back
 * @property {() => void} submit
 * @property {(text: string, place: Place) => boolean} pasted false when it was nothing but a single value
 */

/** On a phone the unit stands below the name of its row: as a column it would lie beyond the edge, or below the hours that are scrolled over it. */
export const narrow = matchMedia('(max-width: 50rem)');

export class Form {
  /** @param {Host} host */
  constructor(host) {
    this.host = host;
    /** @type {Set<string>} */
    this.open = new Set(openGroups);
    this.start = 0;
    this.body = h('div', { class: 'form' });
    // Stays in the page while the form is drawn anew, so that what is put into it is read out (WCAG 4.1.3).
    this.said = h('p', { class: 'hidden', role: 'status', id: 'form-said' });
    this.element = h('div', {}, this.body, this.said);
  }

  /** @param {Variable} variable */
  unitOf(variable) {
    return this.host.units.get(variable.name) ?? variable.unit;
  }

  /** @param {import('./vocabulary.js').UnitSystem} system */
  useSystem(system) {
    for (const variables of groups().values()) for (const variable of variables) this.host.units.set(variable.name, unitIn(variable, system));
    this.draw();
  }

  /** Shows another sheet, at its last hours. */
  reset() {
    this.start = Math.max(0, this.host.sheet.columns.length - hoursShown);
    this.draw();
    this.showLatest();
  }

  /** Scrolls the grid to its last hours, once it stands in the page. */
  showLatest() {
    requestAnimationFrame(() => { this.element.querySelector('.scroll')?.scrollTo({ left: 1e6, behavior: 'instant' }); });
  }

  /** Draws the whole form anew and keeps the focus where it was. */
  draw() {
    const focused = document.activeElement?.id ?? '';
    const scrolled = this.element.querySelector('.scroll')?.scrollLeft ?? 0;
    for (const [group, variables] of groups()) {
      if (variables.some((variable) => this.host.sheet.columns.some((column) => column.cells.has(variable.name)))) this.open.add(group);
    }
    for (const key of this.host.issues.keys()) this.open.add(variableNamed(key.split('/')[1] ?? '')?.group ?? '');
    fill(this.body, this.stay(), this.grid());
    this.element.querySelector('.scroll')?.scrollTo({ left: scrolled, behavior: 'instant' });
    if (focused !== '') document.getElementById(focused)?.focus();
  }

  stay() {
    const fields = stayFields.filter((field) => field.name !== 'icu_hour').map((field) => this.stayField(field.name, labelOf(field.name), field));
    return h('fieldset', { class: 'stay' }, h('legend', {}, t('form.stay')), ...fields, this.stayField('patient_id', t('form.patient_id')));
  }

  /**
   * @param {string} name
   * @param {string} label
   * @param {import('./vocabulary.js').StayField} [field]
   */
  stayField(name, label, field) {
    const place = { column: -1, name };
    const value = this.host.sheet.stay.get(name) ?? '';
    const isNumber = field !== undefined && field.choices === undefined;
    const id = idOf(place);
    const attributes = { id, name, 'aria-describedby': `${id}-issue`, 'aria-invalid': this.invalid(place), autocomplete: 'off' };
    const input = field?.choices === undefined
      ? h('input', { ...attributes, type: 'text', value: isNumber ? localised(value) : value, inputmode: isNumber ? 'decimal' : 'text', required: field?.required })
      : h('select', attributes, h('option', { value: '' }, t('form.unknown')),
        ...choicesOf(field.choices, value).map((choice) => h('option', { value: choice, selected: choice === value }, coded('choice', choice))));
    on(input, { input: () => { this.host.sheet.stay.set(name, isNumber ? canonical(input.value) : input.value); this.touched(place); }, keydown: (event) => this.enter(event) });
    const notes = [field?.unit === undefined ? '' : coded('unit', field.unit), field?.required === true ? t('form.required') : ''].filter((note) => note !== '').join(', ');
    return h('div', { class: `field field-${name}` }, h('label', { for: id }, notes === '' ? label : `${label} (${notes})`), input, this.issueList(place));
  }

  grid() {
    const { columns } = this.host.sheet;
    this.start = Math.min(this.start, Math.max(0, columns.length - 1));
    const visible = columns.map((_, index) => index).slice(this.start, this.start + hoursShown);
    const head = h('tr', {}, h('th', { scope: 'col', class: 'name' }, t('form.measurement')), !narrow.matches && h('th', { scope: 'col', class: 'unit' }, t('form.unit')),
      ...visible.map((index) => this.hourHead(index)));
    const table = h('table', { class: 'grid' }, h('caption', { class: 'hidden' }, t('form.caption')), h('thead', {}, head),
      ...[...groups()].map(([group, variables]) => this.group(group, variables, visible)));
    return h('div', { class: 'sheet' }, this.pager(visible), h('div', { class: 'scroll', role: 'region', 'aria-label': t('form.caption'), tabindex: 0 }, table));
  }

  /** @param {number[]} visible */
  pager(visible) {
    const total = this.host.sheet.columns.length;
    const move = (/** @type {number} */ by) => { this.start = Math.min(Math.max(0, this.start + by), Math.max(0, total - hoursShown)); this.draw(); };
    const words = total <= hoursShown ? count('form.hours', total)
      : t('form.range', { from: number(this.start + 1), to: number((visible.at(-1) ?? 0) + 1), total: number(total) });
    return h('div', { class: 'row pager' }, h('span', { class: 'muted', role: 'status' }, words),
      total > hoursShown && button('◀', () => move(-hoursShown), { id: 'hours-before', 'aria-label': t('form.before'), disabled: this.start === 0 }),
      total > hoursShown && button('▶', () => move(hoursShown), { id: 'hours-after', 'aria-label': t('form.after'), disabled: this.start + hoursShown >= total }),
      button(t('form.add'), () => this.addHour(), { id: 'add-hour' }),
      total > 1 && button(t('form.remove'), () => this.removeHour(), { id: 'remove-hour' }));
  }

  addHour() {
    const { columns } = this.host.sheet;
    appendHour(columns);
    this.start = Math.max(0, columns.length - hoursShown);
    this.host.changed();
    this.draw();
    this.showLatest();
  }

  removeHour() {
    const { columns } = this.host.sheet;
    if (columnAt(this.host.sheet, columns.length - 1).cells.size > 0) this.host.takes({ key: 'undo.hour' });
    else this.host.changed();
    columns.pop();
    for (const key of [...this.host.issues.keys()].filter((key) => key.startsWith(`${columns.length}/`))) this.host.issues.delete(key);
    this.reset();
  }

  /** @param {number} index */
  hourHead(index) {
    const place = { column: index, name: 'icu_hour' };
    const id = idOf(place);
    const input = h('input', {
      id, type: 'text', inputmode: 'decimal', value: localised(columnAt(this.host.sheet, index).hour), autocomplete: 'off', 'aria-label': t('form.hour_of', { n: index + 1 }),
      'aria-describedby': `${id}-issue`, 'aria-invalid': this.invalid(place),
    });
    on(input, {
      input: () => { columnAt(this.host.sheet, index).hour = canonical(input.value); this.nameCells(index); this.touched(place); },
      keydown: (event) => this.enter(event), paste: (event) => this.paste(event, place),
    });
    return h('th', { scope: 'col', class: 'hour' }, h('label', {}, h('span', {}, t('form.hour')), input), this.issueList(place));
  }

  /**
   * @param {string} group
   * @param {Variable[]} variables
   * @param {number[]} visible
   */
  group(group, variables, visible) {
    const open = this.open.has(group);
    const filled = variables.filter((variable) => this.host.sheet.columns.some((column) => column.cells.has(variable.name))).length;
    const toggle = button(`${coded('group', group)} · ${t('form.filled', { filled, all: variables.length })}`, () => {
      if (open) this.open.delete(group);
      else this.open.add(group);
      this.draw();
    }, { id: `group-${group}`, class: 'group', 'aria-expanded': String(open) });
    return h('tbody', {}, h('tr', { class: 'group' }, h('th', { scope: 'rowgroup', colspan: visible.length + (narrow.matches ? 1 : 2) }, toggle)),
      ...(open ? variables.map((variable) => this.row(variable, visible)) : []));
  }

  /**
   * @param {Variable} variable
   * @param {number[]} visible
   */
  row(variable, visible) {
    const unit = this.unitOf(variable);
    const choice = this.unitChoice(variable, unit);
    const below = narrow.matches && typeof choice !== 'string';
    return h('tr', { 'data-variable': variable.name },
      h('th', { scope: 'row', class: 'name' }, h('span', { class: 'label' }, labelOf(variable.name)),
        h('span', { class: 'usual' }, t('form.usual', { range: `${rangeIn(variable, 'usual', unit)} ${symbolOf(unit)}` })), below && choice),
      !narrow.matches && h('td', { class: 'unit' }, choice),
      ...visible.map((index) => this.cell(variable, index, unit)));
  }

  /**
   * @param {Variable} variable
   * @param {string} unit
   */
  unitChoice(variable, unit) {
    if (variable.accepted_units.length < 2) return symbolOf(unit);
    const select = h('select', { id: `unit-${variable.name}`, 'aria-label': t('form.unit_of', { name: labelOf(variable.name) }) },
      ...variable.accepted_units.map((code) => h('option', { value: code, selected: code === unit }, symbolOf(code))));
    return on(select, { change: () => { this.host.units.set(variable.name, select.value); this.draw(); } });
  }

  /**
   * @param {Variable} variable
   * @param {number} index
   * @param {string} unit
   */
  cell(variable, index, unit) {
    const place = { column: index, name: variable.name };
    const column = columnAt(this.host.sheet, index);
    const cell = column.cells.get(variable.name);
    const id = idOf(place);
    const input = h('input', {
      id, type: 'text', inputmode: 'decimal', autocomplete: 'off', value: shown(variable, cell, unit), 'aria-invalid': this.invalid(place), 'aria-describedby': `${id}-issue`,
      'aria-label': this.cellName(variable, index),
    });
    on(input, {
      input: () => {
        if (input.value.trim() === '') column.cells.delete(variable.name);
        else column.cells.set(variable.name, { text: canonical(input.value), unit });
        if (other) other.remove(); // it was typed before
        this.touched(place);
      },
      change: () => this.check(variable, place, unit),
      keydown: (event) => this.move(event, place),
      paste: (event) => this.paste(event, place),
    });
    const other = cell !== undefined && cell.unit !== unit && h('span', { class: 'typed' }, `${localised(cell.text)} ${symbolOf(cell.unit)}`);
    return h('td', { class: 'cell' }, input, other, this.issueList(place));
  }

  /**
   * @param {Variable} variable
   * @param {number} index
   */
  cellName(variable, index) {
    const { hour } = columnAt(this.host.sheet, index);
    return t('form.cell', { name: labelOf(variable.name), hour: hour.trim() === '' ? t('form.now') : localised(hour), unit: symbolOf(this.unitOf(variable)) });
  }

  /**
   * Names the cells of a column anew, whose hour is another.
   * @param {number} index
   */
  nameCells(index) {
    for (const variable of [...groups().values()].flat()) {
      document.getElementById(idOf({ column: index, name: variable.name }))?.setAttribute('aria-label', this.cellName(variable, index));
    }
  }

  /**
   * @param {Variable} variable
   * @param {Place} place
   * @param {string} unit
   */
  check(variable, place, unit) {
    const cell = columnAt(this.host.sheet, place.column).cells.get(variable.name);
    const issue = cell === undefined ? null : inspect(variable, cell, unit);
    if (issue === null) return;
    this.host.issues.set(placeKey(place), [issue]);
    this.refresh(place);
    this.said.textContent = `${labelOf(variable.name)}${colon()}${issue.message}`;
  }

  /** @param {Place} place */
  touched(place) {
    if (this.host.issues.delete(placeKey(place))) this.refresh(place);
    this.said.textContent = '';
    this.host.changed();
  }

  /**
   * Shows the issues of one place without drawing the form anew.
   * @param {Place} place
   */
  refresh(place) {
    const input = document.getElementById(idOf(place));
    if (input === null) return;
    input.setAttribute('aria-invalid', this.invalid(place));
    document.getElementById(`${idOf(place)}-issue`)?.replaceWith(this.issueList(place));
  }

  /** @param {Place} place */
  invalid(place) {
    return String((this.host.issues.get(placeKey(place)) ?? []).some((issue) => issue.severity === 'error'));
  }

  /** @param {Place} place */
  issueList(place) {
    const issues = this.host.issues.get(placeKey(place)) ?? [];
    return h('span', { id: `${idOf(place)}-issue`, class: 'issues' }, ...issues.map((issue) => this.issue(issue, place)));
  }

  /**
   * @param {Issue} issue
   * @param {Place} place
   */
  issue(issue, place) {
    const cure = issue.unit;
    return h('span', { class: `issue ${issue.severity}` }, h('span', {}, issue.message),
      hintView(issue),
      issue.original !== undefined && h('span', { class: 'original', lang: 'en' }, issue.original),
      cure !== undefined && button(t('form.convert', { unit: symbolOf(cure) }), () => this.retype(place, cure), { class: 'convert' }));
  }

  /**
   * The number stands, but it was meant in another unit.
   * @param {Place} place
   * @param {string} unit
   */
  retype(place, unit) {
    const cell = columnAt(this.host.sheet, place.column).cells.get(place.name);
    if (cell !== undefined) cell.unit = unit;
    this.host.issues.delete(placeKey(place));
    this.host.changed();
    this.draw();
    document.getElementById(idOf(place))?.focus();
  }

  /** @param {KeyboardEvent} event */
  enter(event) {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    this.host.submit();
  }

  /**
   * Up and down go from row to row, as in a spreadsheet.
   * @param {KeyboardEvent} event
   * @param {Place} place
   */
  move(event, place) {
    this.enter(event);
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const names = [...this.element.querySelectorAll('tr[data-variable]')].map((row) => row.getAttribute('data-variable') ?? '');
    const name = names[names.indexOf(place.name) + step];
    if (name !== undefined) document.getElementById(idOf({ ...place, name }))?.focus();
  }

  /**
   * @param {ClipboardEvent} event
   * @param {Place} place
   */
  paste(event, place) {
    const text = event.clipboardData?.getData('text/plain') ?? '';
    if (this.host.pasted(text, place)) event.preventDefault();
  }

  /**
   * Fills hours and cells from a place on: a line of the block is a row of the grid, of all groups in their order, whether they are
   * open or not; the hours are the row above them. An empty cell empties, as in a spreadsheet: what stood there was of other hours, or of
   * another patient.
   * @param {string[][]} block canonical texts
   * @param {Place} place
   * @returns {{unfit: number, emptied: number, overwritten: number}} how many lines hold something and lie below the last row, how many values an empty cell removed, and how many gave way to others
   */
  fillBlock(block, place) {
    const names = ['icu_hour', ...[...groups().values()].flat().map((variable) => variable.name)];
    const from = names.indexOf(place.name);
    const rows = block.slice(0, names.length - from);
    const width = Math.max(...rows.map((row) => row.length));
    const hours = this.host.sheet.columns.map((column) => column.hour); // those that come with new columns were nobody's
    while (this.host.sheet.columns.length < place.column + width) appendHour(this.host.sheet.columns);
    const lost = { emptied: 0, overwritten: 0 };
    rows.forEach((row, down) => {
      for (let right = 0; right < width; right += 1) {
        const how = this.put(row[right] ?? '', { column: place.column + right, name: names[from + down] ?? '' }, hours[place.column + right] ?? '');
        if (how !== null) lost[how] += 1;
      }
    });
    this.start = Math.max(0, Math.min(this.start, place.column), place.column + width - hoursShown);
    this.host.changed();
    this.draw();
    return { unfit: block.slice(rows.length).filter((row) => row.some((text) => text !== '')).length, ...lost };
  }

  /**
   * @param {string} text
   * @param {Place} place
   * @param {string} hour of its column, before
   * @returns {import('./sheet.js').Fate} what became of what stood there, if it is gone
   */
  put(text, place, hour) {
    const column = columnAt(this.host.sheet, place.column);
    const variable = variableNamed(place.name);
    this.host.issues.delete(placeKey(place)); // what was said was said of another value
    if (variable === undefined) {
      column.hour = text;
      return fateOf(hour, text);
    }
    if (text === '') return column.cells.delete(place.name) ? 'emptied' : null;
    const before = column.cells.get(place.name);
    const cell = { text, unit: this.unitOf(variable) };
    column.cells.set(place.name, cell);
    const issue = inspect(variable, cell, cell.unit);
    if (issue !== null) this.host.issues.set(placeKey(place), [issue]);
    return before === undefined || (before.text === cell.text && before.unit === cell.unit) ? null : 'overwritten';
  }
}

/**
 * Adds the hour after the last one.
 * @param {import('./sheet.js').Column[]} columns
 */
function appendHour(columns) {
  // Two hours need their numbers: without one the first is taken to be hour 1.
  const first = columns[0];
  if (columns.length === 1 && first !== undefined && first.hour.trim() === '') first.hour = '1';
  const last = numberOf(columns.at(-1)?.hour ?? '');
  columns.push(emptyColumn(String(Number.isNaN(last) ? columns.length + 1 : Math.ceil(last) + 1)));
}

/** @param {Place} place */
export function idOf(place) {
  return `${place.name}-${place.column < 0 ? 'stay' : place.column}`;
}

/**
 * The choices, and what stands there now even if it is none of them: the service will say so.
 * @param {string[]} choices
 * @param {string} value
 */
function choicesOf(choices, value) {
  return value === '' || choices.includes(value) ? choices : [...choices, value];
}
