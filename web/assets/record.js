// The record: past predictions out of the audit log, as they were answered, and what became of them.
import { accessNotice, may } from './access.js';
import { answerView, badge } from './answer.js';
import { Refusal, expectRoute, get, post } from './api.js';
import { button, fill, h, on } from './dom.js';
import { coded, count, dateTime, number, parseNumber, percent, t } from './language.js';
import { problemList, refusalView } from './refusal.js';
import { snippets } from './snippet.js';

/** @typedef {import('./api.js').Schemas} Schemas */
/** @typedef {Schemas['RecordEntry']} Entry */
/** @typedef {Schemas['PredictionAnswer']} Whole */

/** Predictions fetched at a time. */
const atOnce = 50;

/** Filters, and how far one had come in the list, outlive a look at one prediction. */
const filters = { prediction: '', alert: '', hypothetical: '', from: '', to: '', patient: '' };
const position = { shown: 0, opened: '' };

/** @param {string} id of a prediction; empty for the list */
export async function recordScreen(id) {
  await expectRoute('/predictions');
  if (!may('audit')) return h('div', { class: 'record' }, h('h1', {}, t('record.title')), accessNotice('audit'));
  return id === '' ? list() : whole(await get(`/predictions/${encodeURIComponent(id)}`));
}

async function list() {
  const failure = h('div');
  const rows = h('tbody');
  const more = h('div', { class: 'row' });
  const status = h('p', { role: 'status', class: 'muted', id: 'record-status' });
  const heads = ['record.time', 'record.state', 'record.risk', 'record.hour', 'record.patient', 'record.caller', 'record.reliability'];
  const table = h('div', { class: 'scroll card', tabindex: 0, role: 'region', 'aria-label': t('nav.record') }, h('table', { class: 'record-table' },
    h('caption', { class: 'hidden' }, t('record.caption')),
    h('thead', {}, h('tr', {}, ...heads.map((key) => h('th', { scope: 'col' }, t(/** @type {import('./language.js').Key} */ (key)))))), rows));
  let [shown, turn, next] = [0, 0, ''];
  const load = async (/** @type {string} */ cursor) => {
    const mine = ++turn;
    try {
      /** @type {Schemas['PredictionList']} */
      const part = await get(listPath(cursor));
      if (mine !== turn) return; // asked for something else since
      fill(failure);
      if (cursor === '') { fill(rows); shown = 0; }
      rows.append(...(part.predictions ?? []).map(entryRow));
      shown += part.predictions?.length ?? 0;
      fill(status, shown === 0 ? t('record.empty') : count('record.shown', shown));
      next = part.next ?? '';
      fill(more, next !== '' && button(t('record.more'), () => void load(next), { id: 'record-more' }));
      table.hidden = shown === 0;
      position.shown = shown;
    } catch (cause) {
      if (!(cause instanceof Refusal)) throw cause;
      if (mine !== turn) return;
      next = '';
      fill(rows);
      fill(status);
      fill(more);
      table.hidden = true;
      fill(failure, refusalView(cause), problemList(cause.problems.errors ?? []));
    }
  };
  const before = position.shown;
  await load('');
  while (shown < before && next !== '') await load(next);
  comeBack(rows);
  return h('div', { class: 'record' }, h('h1', {}, t('record.title')), listFilters(() => void load('')), failure, status, table, more,
    snippets(() => ({ method: 'GET', path: listPath('') })));
}

/**
 * Puts the focus on the prediction that one comes back from, and notes which one is opened next.
 * @param {HTMLElement} rows
 */
function comeBack(rows) {
  const opened = [...rows.querySelectorAll('a')].find((link) => link.hash === position.opened);
  position.opened = '';
  if (opened !== undefined) requestAnimationFrame(() => opened.focus()); // once it stands in the page
  on(rows, { click: (event) => { if (event.target instanceof HTMLAnchorElement) position.opened = event.target.hash; } });
}

/** @param {string} cursor */
function listPath(cursor) {
  const query = new URLSearchParams({ limit: String(atOnce) });
  for (const name of /** @type {const} */ (['prediction', 'alert', 'hypothetical', 'patient'])) if (filters[name] !== '') query.set(name, filters[name]);
  for (const name of /** @type {const} */ (['from', 'to'])) if (filters[name] !== '') query.set(name, new Date(filters[name]).toISOString());
  if (cursor !== '') query.set('cursor', cursor);
  return `/predictions?${query}`;
}

/** @param {() => void} changed */
function listFilters(changed) {
  const choice = (/** @type {'prediction' | 'alert' | 'hypothetical'} */ name, /** @type {[string, string][]} */ options) => {
    const select = h('select', { id: `filter-${name}` }, h('option', { value: '' }, t('record.all')),
      ...options.map(([value, words]) => h('option', { value, selected: filters[name] === value }, words)));
    return field(name, on(select, { change: () => { filters[name] = select.value; changed(); } }));
  };
  const moment = (/** @type {'from' | 'to'} */ name) => {
    const input = h('input', { id: `filter-${name}`, type: 'datetime-local', value: filters[name] });
    return field(name, on(input, { change: () => { filters[name] = input.value; changed(); } }));
  };
  const patient = h('input', { id: 'filter-patient', type: 'text', value: filters.patient, autocomplete: 'off' });
  on(patient, { change: () => { filters.patient = patient.value.trim(); changed(); } });
  return h('div', { class: 'row filters no-print' },
    choice('prediction', [['Positive', coded('prediction', 'Positive')], ['Negative', coded('prediction', 'Negative')]]),
    choice('alert', [['true', t('yes')], ['false', t('no')]]), choice('hypothetical', [['false', t('record.real')], ['true', t('record.hypothetical')]]), moment('from'), moment('to'), field('patient', patient), button(t('record.refresh'), changed, { id: 'record-refresh' }));
}

/**
 * @param {string} name
 * @param {HTMLElement} input
 */
function field(name, input) {
  return h('div', { class: 'field' }, h('label', { for: input.id }, coded('filter', name)), input);
}

/** @param {Entry} entry */
function entryRow(entry) {
  return h('tr', {}, h('th', { scope: 'row' }, h('a', { href: `#/record/${entry.id}` }, dateTime(entry.time))), h('td', {}, badge(entry, entry.reliability), entry.hypothetical && h('span', { class: 'badge hypothetical' }, t('record.hypothetical'))), h('td', {}, percent(entry.probability)),
    h('td', {}, entry.icu_hour === null ? '–' : number(entry.icu_hour)), h('td', { class: 'clipped', title: entry.patient ?? '' }, entry.patient ?? '–'),
    h('td', {}, entry.caller), h('td', {}, coded('level', entry.reliability)));
}

/** @param {Whole} record */
function whole(record) {
  const answer = /** @type {Schemas['Answer']} */ (/** @type {unknown} */ (record.answer));
  const outcomes = h('section', { class: 'card outcomes' });
  showOutcomes(outcomes, record);
  return h('div', { class: 'record' }, h('p', {}, h('a', { href: '#/record' }, t('record.back'))), h('h1', {}, t('record.one', { time: dateTime(record.time) })),
    record.hypothetical && h('p', { class: 'notice' }, h('span', { class: 'badge hypothetical' }, t('record.hypothetical')), ' ', t('record.hypothetical_note')),
    h('div', { class: 'columns' },
      h('section', { class: 'card' }, h('h2', {}, t('record.as_it_was')), answerView(answer, null)),
      h('div', { class: 'side' }, outcomes, facts(record), input(record), snippets(() => ({ method: 'GET', path: `/predictions/${record.id}` })))));
}

/** @param {Whole} record */
function facts(record) {
  /** @type {[import('./language.js').Key, string][]} */
  const known = [
    ['record.id', record.id], ['record.caller', record.caller], ['record.route', record.route], ['record.patient', record.patient ?? '–'],
    ['record.latency', t('record.milliseconds', { n: number(record.latency_ms, 1) })], ['record.model', `${record.model.name} ${record.model.version}, ${record.model.sha256}`],
    ['record.input_digest', record.input_sha256],
  ];
  if (record.shadow !== undefined) known.push(['record.shadow', `${percent(record.shadow.probability)}, ${record.shadow.model.name} ${record.shadow.model.version}`]);
  return h('section', { class: 'card' }, h('h2', {}, t('record.facts')), h('dl', {}, ...known.flatMap(([key, value]) => [h('dt', {}, t(key)), h('dd', {}, value)])));
}

/** @param {Whole} record */
function input(record) {
  if (record.input === undefined) return h('p', { class: 'muted' }, t('record.no_input'));
  return h('details', { class: 'card' }, h('summary', {}, t('record.input')), h('pre', { tabindex: 0 }, record.input));
}

/**
 * @param {HTMLElement} place
 * @param {Whole} record
 */
function showOutcomes(place, record) {
  const told = (record.outcomes ?? []).map((outcome) => h('li', {}, `${dateTime(outcome.time)}, ${outcome.caller}: `, h('strong', {}, outcome.septic ? t('outcome.septic') : t('outcome.not_septic')),
    outcome.onset_hours !== null && ` (${t('outcome.onset_words', { n: number(outcome.onset_hours, 1) })})`));
  fill(place, h('h2', {}, t('outcome.title')), told.length === 0 ? h('p', { class: 'empty' }, t('outcome.none')) : h('ul', {}, ...told),
    record.hypothetical ? h('p', { class: 'muted' }, t('outcome.hypothetical')) : accessNotice('predict') ?? outcomeForm(place, record));
}

/**
 * @param {HTMLElement} place
 * @param {Whole} record
 */
function outcomeForm(place, record) {
  const choice = h('select', { id: 'outcome-septic' }, h('option', { value: '' }, t('outcome.choose')),
    h('option', { value: 'true' }, t('outcome.septic')), h('option', { value: 'false' }, t('outcome.not_septic')));
  const onset = h('input', { id: 'outcome-onset', type: 'text', inputmode: 'decimal', autocomplete: 'off' });
  const failure = h('div');
  let telling = false;
  const tellOnce = async () => {
    if (telling) return;
    telling = true;
    save.setAttribute('aria-disabled', 'true');
    try {
      await tell();
    } finally {
      telling = false;
      save.removeAttribute('aria-disabled');
    }
  };
  const save = button(t('outcome.tell'), () => void tellOnce(), { class: 'primary', id: 'outcome-tell' });
  const tell = async () => {
    /** @type {Record<string, unknown>} what was typed: the service says what it thinks of it */
    const body = {};
    if (choice.value !== '') body.septic = choice.value === 'true';
    const typed = onset.value.trim();
    fill(failure);
    for (const input of [choice, onset]) input.removeAttribute('aria-invalid');
    if (typed !== '') body.onset_hours = Number.isNaN(parseNumber(typed)) ? typed : parseNumber(typed);
    try {
      const outcome = await post(`/predictions/${record.id}/outcome`, body);
      record.outcomes = [...(record.outcomes ?? []), outcome];
      showOutcomes(place, record);
      place.querySelector('h2')?.setAttribute('tabindex', '-1');
      place.querySelector('h2')?.focus();
    } catch (cause) {
      if (!(cause instanceof Refusal)) throw cause;
      const problems = cause.problems.errors ?? [];
      if (problems.length === 0) {
        fill(failure, refusalView(cause));
        return;
      }
      fill(failure, h('div', { class: 'refusal', role: 'alert' }, h('p', {}, t('outcome.refused'))), problemList(problems, (location) => labels.get(location)?.textContent ?? location));
      const wrong = problems.map((problem) => labels.get(problem.location)?.control).filter((control) => control instanceof HTMLElement);
      for (const control of wrong) control.setAttribute('aria-invalid', 'true');
      wrong[0]?.focus();
    }
  };
  const label = (/** @type {HTMLElement} */ input, /** @type {string} */ words) => h('label', { for: input.id }, words);
  const labels = new Map([['body.septic', label(choice, t('outcome.what'))], ['body.onset_hours', label(onset, t('outcome.onset'))]]);
  return h('div', { class: 'outcome-form' }, h('p', { class: 'muted' }, t('outcome.note')),
    h('div', { class: 'row end' }, h('div', { class: 'field' }, labels.get('body.septic'), choice),
      h('div', { class: 'field' }, labels.get('body.onset_hours'), onset), save), failure);
}
