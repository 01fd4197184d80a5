// The model: its card with the figures that were measured, and how it does in use.
import { accessNotice, may } from './access.js';
import { Refusal, assetJSON, expectRoute, get, send } from './api.js';
import { figure, intervals, table } from './chart.js';
import { h } from './dom.js';
import { evidenceView } from './evidence.js';
import { coded, count, dateTime, fixed, language, number, percent, t } from './language.js';
import { refusalView } from './refusal.js';
import { snippets } from './snippet.js';
import { labelOf } from './vocabulary.js';

/** @typedef {import('./api.js').Schemas} Schemas */
/** @typedef {{value: number, low: number, high: number}} Figure */
/** @typedef {{name: string, stays: number, septic_stays: number, hours: number, prevalence: number} & Record<string, Figure | number | string | null>} Group */

/** The figures of the card that are drawn, with the ends of their scales; what the card has beside them stands in the table. */
const drawn = /** @type {const} */ ([['utility', 0, 0.6], ['auroc', 0.5, 1], ['auprc', 0, 0.3], ['sensitivity', 0, 1], ['specificity', 0, 1], ['ppv', 0, 0.3]]);

/** Words of the card that stand at its beginning. */
const first = ['status', 'summary', 'intended_use', 'out_of_scope', 'limits', 'warnings', 'how_to_use', 'human_oversight'];

export async function modelScreen() {
  const [[card, evidence], monitoring, french] = await Promise.all([described(), watched(), frenchCard()]);
  return h('div', { class: 'model' }, h('h1', {}, t('model.title', { name: card.name, version: card.version })),
    h('p', { class: 'muted digest' }, `SHA-256 ${card.sha256}`),
    h('div', { class: 'columns even' },
      h('div', { class: 'side' }, ...first.filter((key) => key in card).map((key) => h('section', { class: 'card' }, h('h2', {}, coded('card', key)), worded(card[key], french)))),
      h('div', { class: 'side' }, figures(card), inUse(monitoring), whole(card, french), snippets(() => ({ method: 'GET', path: '/model' })))),
    pictures(card, evidence));
}

/**
 * The card, and what its evaluation found if the card leads there: only then it is of this very model.
 * @returns {Promise<[any, Schemas['Evidence'] | null]>}
 */
async function described() {
  const answer = await send('/model');
  const leads = answer.headers.get('Link')?.includes('/model/evidence') === true;
  return Promise.all([answer.json(), leads ? get('/model/evidence') : null]);
}

/** How the model fares in use; why that is not known; or null for those who may not ask. */
async function watched() {
  if (!may('audit')) return null;
  return expectRoute('/monitoring').then(() => get('/monitoring')).catch((cause) => cause);
}

/**
 * @param {any} card
 * @param {Schemas['Evidence'] | null} evidence
 */
function pictures(card, evidence) {
  if (evidence === null) return h('section', { class: 'card', id: 'evidence' }, h('h2', {}, t('evidence.title')), h('p', { class: 'empty' }, t('evidence.none')));
  return evidenceView(evidence, { watch: card.operating_point.threshold, alert: card.alert_point.threshold });
}

/** @typedef {Record<string, string>} Translations sentences of the card by their English words */

/**
 * The card's sentences in French, for those who read French. Sentences that a model brings itself are not among them.
 * @returns {Promise<Translations>}
 */
async function frenchCard() {
  return language() === 'fr' ? assetJSON(new URL('./card-fr.json', import.meta.url)) : {};
}

/**
 * A part of the card, whatever it is made of: in the reader's language where it is known, else in English, and a screen reader is told so.
 * @param {unknown} part
 * @param {Translations} translations
 * @returns {HTMLElement}
 */
function worded(part, translations) {
  if (Array.isArray(part)) return h('ul', {}, ...part.map((item) => h('li', {}, worded(item, translations))));
  if (typeof part === 'object' && part !== null) {
    return h('dl', {}, ...Object.entries(part).flatMap(([name, value]) => [h('dt', english(), name.replaceAll('_', ' ')), h('dd', {}, worded(value, translations))]));
  }
  const words = String(part ?? '–');
  const translated = translations[words];
  return translated === undefined ? h('p', english(), words) : h('p', {}, translated);
}

/** @returns {import('./dom.js').Attributes} of what is written in English */
function english() {
  return language() === 'en' ? {} : { lang: 'en' };
}

/** @param {any} card */
function figures(card) {
  /** @type {Group[]} */
  const groups = card.evidence?.groups ?? [];
  if (groups.length === 0) return h('section', { class: 'card' }, h('h2', {}, t('model.figures')), h('p', { class: 'empty' }, t('model.no_figures')));
  return h('section', { class: 'card' }, h('h2', {}, t('model.figures')), h('p', { class: 'muted' }, t('model.figures_note')),
    h('p', {}, t('model.points', { watch: percent(card.operating_point.threshold), alert: percent(card.alert_point.threshold) })),
    ...drawn.map(([name, from, to]) => oneFigure(groups, name, from, to)), h('details', {}, h('summary', {}, t('model.all_figures')), allFigures(groups)));
}

/**
 * @param {Group[]} groups
 * @param {string} name
 * @param {number} from
 * @param {number} to
 */
function oneFigure(groups, name, from, to) {
  const estimates = groups.filter((group) => isFigure(group[name])).map((group) => ({ label: coded('cohort', group.name), .../** @type {Figure} */ (group[name]) }));
  const title = coded('figure', name);
  return h('div', { class: 'one-figure' }, h('h3', {}, title), figure(title, (width) => intervals(width, estimates, from, to),
    table(title, [t('model.group'), t('model.estimate'), t('model.interval')], estimates.map((e) => [e.label, fixed(e.value, 3), `${fixed(e.low, 3)} – ${fixed(e.high, 3)}`]))));
}

/** @param {unknown} value */
function isFigure(value) {
  return typeof value === 'object' && value !== null && 'low' in value;
}

/** @param {Group[]} groups */
function allFigures(groups) {
  const names = [...new Set(groups.flatMap((group) => Object.keys(group)))].filter((name) => name !== 'name');
  const words = (/** @type {Figure | number | string | null | undefined} */ value) => {
    if (value === undefined || value === null) return '–';
    if (typeof value === 'object') return `${fixed(value.value, 3)} (${fixed(value.low, 3)} – ${fixed(value.high, 3)})`;
    return typeof value === 'number' ? number(value, 4) : value;
  };
  return h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': t('model.all_figures') },
    table(t('model.figures'), [t('model.figure'), ...groups.map((group) => coded('cohort', group.name))], names.map((name) => [coded('figure', name), ...groups.map((group) => words(group[name]))])));
}

/** @param {Schemas['Monitoring'] | Error | null} monitoring */
function inUse(monitoring) {
  const section = h('section', { class: 'card', id: 'monitoring' }, h('h2', {}, t('monitoring.title')));
  if (monitoring === null) section.append(accessNotice('audit') ?? '');
  else if (monitoring instanceof Error) section.append(refusalView(monitoring instanceof Refusal ? monitoring : new Refusal(0, {})));
  else section.append(h('p', { class: 'muted' }, t('monitoring.since', { time: dateTime(monitoring.since) })), ...(monitoring.drift ?? []).map(driftWindow), performance(monitoring.performance),
    snippets(() => ({ method: 'GET', path: '/monitoring' })));
  return section;
}

/** @param {Schemas['DriftWindow']} window */
function driftWindow(window) {
  const rows = [window.score, ...(window.inputs ?? [])].toSorted((a, b) => (b.psi ?? -1) - (a.psi ?? -1));
  const counted = rows.filter((row) => row.level === 'moderate' || row.level === 'large').length;
  const cells = rows.map((row) => [row === window.score ? t('monitoring.score') : labelOf(row.name), h('span', { class: `badge drift-${row.level}` }, coded('drift', row.level)),
    row.psi === null ? '–' : number(row.psi, 3), share(row.missing), row.missing_reference === undefined ? '–' : percent(row.missing_reference)]);
  return h('details', {}, h('summary', {}, t('monitoring.window', { window: coded('window', window.window), n: number(window.predictions) }), ' – ', count('monitoring.shifted', counted)),
    h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `${t('monitoring.drift')}, ${coded('window', window.window)}` },
      table(t('monitoring.drift'), [t('monitoring.input'), t('monitoring.level'), 'PSI', t('monitoring.missing'), t('monitoring.missing_then')], cells)));
}

/** @param {Schemas['Proportion'] | undefined} proportion */
function share(proportion) {
  if (proportion === undefined || proportion.value === null) return '–';
  const words = `${percent(proportion.value)} (${number(proportion.count)}/${number(proportion.of)})`;
  return proportion.insufficient ? `${words} ${t('monitoring.few')}` : words;
}

/** @param {Schemas['Performance'] | undefined} known */
function performance(known) {
  if (known === undefined) return h('p', { class: 'empty' }, t('monitoring.no_performance'));
  const estimate = (/** @type {Schemas['Estimate']} */ e) => (e.value === null ? '–' : `${number(e.value, 2)}${e.insufficient ? ` ${t('monitoring.few')}` : ''}`);
  return h('div', {}, h('h3', {}, t('monitoring.performance')), h('p', { class: 'muted' }, t('monitoring.as_of', { time: dateTime(known.as_of), n: number(known.predictions) })),
    h('p', { class: 'muted' }, count('monitoring.told', known.told), known.told_truncated ? ` ${t('monitoring.told_truncated')}` : ''),
    table(t('monitoring.performance'), [t('model.figure'), coded('point', 'watch'), coded('point', 'alert')], [
      [coded('figure', 'sensitivity'), share(known.watch_list.sensitivity), share(known.alert.sensitivity)],
      [coded('figure', 'specificity'), share(known.watch_list.specificity), share(known.alert.specificity)],
      [coded('figure', 'ppv'), share(known.watch_list.ppv), share(known.alert.ppv)],
    ]),
    h('dl', {}, h('dt', {}, t('monitoring.outcomes')), h('dd', {}, share(known.outcomes)), h('dt', {}, coded('figure', 'calibration_slope')), h('dd', {}, estimate(known.calibration.slope)),
      h('dt', {}, coded('figure', 'calibration_in_the_large')), h('dd', {}, estimate(known.calibration.in_the_large)), h('dt', {}, t('monitoring.burden')), h('dd', {}, estimate(known.alarm_burden.per_patient_day))));
}

/**
 * @param {Record<string, unknown>} card
 * @param {Translations} translations
 */
function whole(card, translations) {
  const rest = Object.fromEntries(Object.entries(card).filter(([key]) => !first.includes(key) && key !== 'evidence'));
  return h('details', { class: 'card' }, h('summary', {}, t('model.whole')), worded(rest, translations));
}
