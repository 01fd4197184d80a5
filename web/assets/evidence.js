// What the evaluation found of the model that answers: curves and groups, each with the table behind it and in plain words.
import { figure, intervals, table } from './chart.js';
import { estimate, linear, logarithmic, path, plane, ribbon } from './curves.js';
import { fill, h, on } from './dom.js';
import { coded, colon, count, fixed, formatPercent, number, percent, t } from './language.js';
import { snippets } from './snippet.js';

/** @typedef {import('./api.js').Schemas} Schemas */
/** @typedef {Schemas['Evidence']} Evidence */
/** @typedef {Schemas['Figure']} Figure */
/** @typedef {Schemas['GroupFigures']} Group */
/** @typedef {import('./language.js').Key} Key */

/** All hospitals together, as the service names them. */
const pooled = 'pooled';

/** Scale of the calibration: both thresholds and nearly all hours lie within it. */
const [lowestRisk, highestRisk] = [0.0002, 0.2];

/**
 * @param {Evidence} evidence
 * @param {{watch: number, alert: number}} thresholds
 */
export function evidenceView(evidence, thresholds) {
  const hospitals = (evidence.calibration ?? []).map((curve) => curve.hospital);
  const choice = h('select', { id: 'evidence-hospital' }, ...hospitals.map((name) => h('option', { value: name }, hospitalWords(name))));
  const drawn = h('div', { class: 'drawn' });
  const draw = () => fill(drawn, calibration(evidence, choice.value, thresholds), benefit(evidence, choice.value, thresholds), inWard(evidence, choice.value));
  on(choice, { change: draw });
  draw();
  return h('section', { class: 'card evidence', id: 'evidence' }, h('h2', {}, t('evidence.title')),
    h('p', {}, t('evidence.note', { stays: number(evidence.stays), septic: number(evidence.septic_stays), hours: number(evidence.hours) })),
    h('div', { class: 'row' }, h('label', { for: 'evidence-hospital' }, t('evidence.hospital')), choice),
    h('div', { class: 'pictures' }, drawn, phases(evidence), elsewhere(evidence), subgroups(evidence)),
    h('details', {}, h('summary', {}, t('evidence.method')), h('p', { lang: 'en' }, evidence.method)),
    snippets(() => ({ method: 'GET', path: '/model/evidence' })));
}

/** @param {string} name */
function hospitalWords(name) {
  return name === pooled ? t('evidence.all') : coded('cohort', name);
}

/**
 * A share as people count: how many of a thousand.
 * @param {number} share
 */
function ofThousand(share) {
  const n = share * 1000;
  return number(n, n < 10 ? 1 : 0);
}

/** @param {Figure | undefined} f */
function range(f) {
  return f === undefined ? '–' : `${fixed(f.value, 3)} (${fixed(f.low, 3)} – ${fixed(f.high, 3)})`;
}

/** @param {Figure | undefined} f */
function wholePercent(f) {
  return f === undefined ? '–' : formatPercent(f.value, 0);
}

/**
 * @param {Figure | undefined} f
 * @param {number} digits
 */
function rounded(f, digits) {
  return f === undefined ? '–' : number(f.value, digits);
}

/** @param {Figure | undefined} f */
function shareRange(f) {
  return f === undefined ? '–' : `${formatPercent(f.value, 1)} (${formatPercent(f.low, 1)} – ${formatPercent(f.high, 1)})`;
}

/**
 * @param {Evidence} evidence
 * @param {string} hospital
 * @param {{watch: number, alert: number}} thresholds
 */
function calibration(evidence, hospital, thresholds) {
  const curve = (evidence.calibration ?? []).find((candidate) => candidate.hospital === hospital);
  if (curve === undefined) return null;
  const parts = (curve.parts ?? []).flatMap((part) => (part.observed === undefined ? [] : [{ ...part, observed: part.observed }]));
  const holding = (/** @type {number} */ p) => parts.find((part) => p <= part.high) ?? parts.at(-1);
  const told = [...new Set([parts[0], holding(thresholds.watch), parts.at(-1)])].filter((part) => part !== undefined);
  const sentences = told.map((part) => h('li', {}, t('calibration.sentence', {
    p: percent(part.predicted), expected: ofThousand(part.predicted), n: ofThousand(part.observed.value), low: ofThousand(part.observed.low), high: ofThousand(part.observed.high) })));
  const title = t('calibration.title');
  const axis = { of: logarithmic(lowestRisk, highestRisk), ticks: [0.001, 0.01, 0.1], words: (/** @type {number} */ tick) => formatPercent(tick, tick < 0.01 ? 1 : 0) };
  const rows = parts.map((part) => [`${percent(part.low)} – ${percent(part.high)}`, number(part.hours), formatPercent(part.predicted, 2), shareOf(part.observed)]);
  return h('section', {}, h('h3', {}, title), h('p', {}, t('calibration.words')), h('ul', {}, ...sentences),
    figure(`${title}, ${hospitalWords(hospital)}`, (width) => plane(width, Math.min(width, 360), { ...axis, label: t('calibration.predicted') }, { ...axis, label: t('calibration.observed') }, (p) => [
      path(p, [{ x: lowestRisk, y: lowestRisk }, { x: highestRisk, y: highestRisk }], 'ideal'),
      ...parts.flatMap((part) => estimate(p, { x: part.predicted, ...part.observed })),
    ]), table(title, [t('calibration.range'), coded('figure', 'hours'), t('calibration.predicted'), t('calibration.observed')], rows)),
    h('p', { class: 'muted' }, t('calibration.figures', { slope: range(curve.slope), large: range(curve.in_the_large) })));
}

/** @param {Figure} f */
function shareOf(f) {
  return `${formatPercent(f.value, 2)} (${formatPercent(f.low, 2)} – ${formatPercent(f.high, 2)})`;
}

/**
 * @param {Evidence} evidence
 * @param {string} hospital
 * @param {{watch: number, alert: number}} thresholds
 */
function benefit(evidence, hospital, thresholds) {
  const points = (evidence.decision ?? []).find((candidate) => candidate.hospital === hospital)?.points ?? [];
  const known = points.flatMap(({ threshold, model, all, advantage }) => (model === undefined || all === undefined || advantage === undefined ? [] : [{ threshold, model, all, advantage }]));
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined) return null;
  const most = Math.max(...known.map((point) => point.model.high));
  const per = (/** @type {number} */ value) => number(value * 1000, 1);
  const title = t('benefit.title');
  const step = most > 0.012 ? 0.005 : 0.0025;
  const ticks = [0, 1, 2, 3, 4].map((n) => n * step).filter((tick) => tick <= most);
  const across = { of: linear(0, last.threshold), ticks: [0, 0.05, 0.1, 0.15, 0.2].filter((tick) => tick <= last.threshold), words: (/** @type {number} */ tick) => formatPercent(tick, 0), label: t('benefit.threshold') };
  const up = { of: linear(-most / 6, most), ticks, words: per, label: t('benefit.net') };
  return h('section', {}, h('h3', {}, title), h('p', {}, t('benefit.words')), ...worth(known).map((words) => h('p', {}, words)),
    figure(`${title}, ${hospitalWords(hospital)}`, (width) => plane(width, 300, across, up, (p) => [
      ribbon(p, known.map((point) => ({ x: point.threshold, ...point.model }))),
      path(p, [{ x: 0, y: 0 }, { x: last.threshold, y: 0 }], 'nobody'),
      path(p, known.filter((point) => point.all.value > -most / 6).map((point) => ({ x: point.threshold, y: point.all.value })), 'everybody'),
      path(p, known.map((point) => ({ x: point.threshold, y: point.model.value })), 'risk'),
      path(p, [{ x: thresholds.watch, y: -most / 6 }, { x: thresholds.watch, y: most }], 'threshold'),
      path(p, [{ x: thresholds.alert, y: -most / 6 }, { x: thresholds.alert, y: most }], 'threshold'),
    ]), table(title, [t('benefit.threshold'), t('benefit.model'), t('benefit.everybody'), t('benefit.advantage')],
      known.map((point) => [formatPercent(point.threshold, 2), per(point.model.value), per(point.all.value), `${per(point.advantage.value)} (${per(point.advantage.low)} – ${per(point.advantage.high)})`]))),
    h('ul', { class: 'legend' }, ...['risk', 'everybody', 'nobody', 'threshold'].map((kind) => h('li', { class: kind }, t(/** @type {Key} */ (`benefit.key_${kind}`), { watch: percent(thresholds.watch), alert: percent(thresholds.alert) })))));
}

/**
 * Where acting on the model is better by its whole interval than acting on everybody or on nobody: a sentence for each run of thresholds.
 * @param {{threshold: number, advantage: Figure}[]} points by threshold
 */
function worth(points) {
  /** @type {{from: number, to: number}[]} */
  const runs = [];
  let before = false;
  for (const { threshold, advantage } of points) {
    const better = advantage.low > 0;
    const last = runs.at(-1);
    if (better && before && last !== undefined) last.to = threshold;
    else if (better) runs.push({ from: threshold, to: threshold });
    before = better;
  }
  if (runs.length === 0) return [t('benefit.nowhere')];
  return runs.map(({ from, to }) => t('benefit.where', { from: percent(from), to: percent(to) }));
}

/**
 * @param {Evidence} evidence
 * @param {string} hospital
 */
function inWard(evidence, hospital) {
  const points = (evidence.points ?? []).filter((point) => point.hospital === hospital);
  if (points.length === 0) return null;
  const title = t('in_ward.title');
  const leads = points.flatMap(({ point, lead_time: lead }) => (lead?.median === undefined || lead.lower === undefined || lead.upper === undefined ? [] : [
    { label: coded('point', point), value: lead.median.value, low: lead.lower.value, high: lead.upper.value }]));
  const words = points.map((point) => h('li', {}, h('strong', {}, coded('point', point.point), colon()), t('in_ward.sentence', {
    found: wholePercent(point.stay_sensitivity), ppv: wholePercent(point.stay_ppv), quiet: wholePercent(point.stay_specificity),
    burden: rounded(point.alarms_per_patient_day, 2), hours: rounded(point.lead_time?.median, 0) })));
  const top = Math.max(24, ...leads.map((lead) => lead.high));
  return h('section', {}, h('h3', {}, title), h('ul', {}, ...words),
    table(title, [t('model.figure'), ...points.map((point) => coded('point', point.point))], [
      [t('in_ward.found'), ...points.map((point) => shareRange(point.stay_sensitivity))],
      [t('in_ward.ppv'), ...points.map((point) => shareRange(point.stay_ppv))],
      [t('in_ward.quiet'), ...points.map((point) => shareRange(point.stay_specificity))],
      [t('in_ward.burden'), ...points.map((point) => range(point.alarms_per_patient_day))],
    ]),
    leads.length > 0 && h('div', { class: 'one-figure' }, h('h4', {}, t('in_ward.lead')), figure(t('in_ward.lead'), (width) => intervals(width, leads, 0, Math.ceil(top / 24) * 24, 0),
      table(t('in_ward.lead'), [t('model.group'), t('in_ward.median'), t('in_ward.half')], leads.map((lead) => [lead.label, number(lead.value, 0), `${number(lead.low, 0)} – ${number(lead.high, 0)}`])))));
}

/** @param {Evidence} evidence */
function phases(evidence) {
  const groups = evidence.phases ?? [];
  if (groups.length === 0) return null;
  return h('section', {}, h('h3', {}, t('phases.title')), h('p', {}, t('phases.words')),
    compared(t('phases.title'), coded('figure', 'utility'), groups, (group) => group.utility, 0, 1), groupTable(t('phases.title'), groups));
}

/** @param {Evidence} evidence */
function subgroups(evidence) {
  const sets = evidence.subgroups ?? [];
  if (sets.length === 0) return null;
  return h('section', {}, h('h3', {}, t('subgroups.title')), h('p', {}, t('subgroups.words')),
    ...sets.map((set) => h('details', {}, h('summary', {}, coded('division', set.name)),
      compared(coded('division', set.name), coded('figure', 'auroc'), set.groups ?? [], (group) => group.auroc, 0.5, 1), groupTable(coded('division', set.name), set.groups ?? []))));
}

/**
 * One figure of several groups, side by side.
 * @param {string} title
 * @param {string} what
 * @param {Group[]} groups
 * @param {(group: Group) => Figure | undefined} of
 * @param {number} from
 * @param {number} to
 */
function compared(title, what, groups, of, from, to) {
  const estimates = groups.flatMap((group) => { const f = of(group); return f === undefined ? [] : [{ label: groupWords(group.name), ...f }]; });
  const words = `${title}, ${what}`;
  const low = Math.min(from, ...estimates.map((e) => Math.floor(e.low * 10) / 10));
  return h('div', { class: 'one-figure' }, h('h4', {}, what), figure(words, (width) => intervals(width, estimates, low, to)));
}

/**
 * @param {string} title
 * @param {Group[]} groups
 */
function groupTable(title, groups) {
  const names = /** @type {const} */ (['utility', 'auroc', 'sensitivity', 'specificity', 'ppv', 'calibration_slope']);
  const rows = groups.map((group) => [groupWords(group.name), number(group.stays), number(group.septic_stays), number(group.hours), ...names.map((name) => range(group[name]))]);
  return h('details', { class: 'data' }, h('summary', {}, t('chart.table')), h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': title },
    table(title, [t('model.group'), ...['stays', 'septic_stays', 'hours', ...names].map((name) => coded('figure', name))], rows)));
}

/** @param {Evidence} evidence */
function elsewhere(evidence) {
  const moves = evidence.elsewhere ?? [];
  if (moves.length === 0) return null;
  const label = (/** @type {typeof moves[number]} */ move) => `${coded('cohort', move.from)} → ${coded('cohort', move.to)}, ${coded('recipe', move.recipe)}`;
  const estimates = moves.flatMap((move) => (move.utility === undefined ? [] : [{ label: label(move), ...move.utility }]));
  const title = t('elsewhere.title');
  return h('section', {}, h('h3', {}, title), h('p', {}, t('elsewhere.words')), h('h4', {}, coded('figure', 'utility')),
    figure(title, (width) => intervals(width, estimates, 0, 0.6), table(title, [t('model.group'), coded('figure', 'utility'), coded('figure', 'auroc')], moves.map((move) => [label(move), range(move.utility), range(move.auroc)]))),
    h('p', { class: 'muted' }, count('elsewhere.note', moves.length)));
}

/** Names of groups that hold numbers, as the evaluation writes them. */
const patterns = /** @type {[RegExp, Key][]} */ ([
  [/^(\d+) to (\d+) years$/, 'group_name.years'], [/^(\d+) years and over$/, 'group_name.years_over'], [/^under (\d+) years$/, 'group_name.years_under'],
  [/^hours (\d+) to (\d+)$/, 'group_name.hours'], [/^from hour (\d+)$/, 'group_name.hours_from'],
  [/^least: under ([\d.]+) an hour$/, 'group_name.least'], [/^middle: ([\d.]+) to ([\d.]+)$/, 'group_name.middle'], [/^most: ([\d.]+) and more$/, 'group_name.most'],
]);

/**
 * The name of a group in the reader's language.
 * @param {string} name
 */
export function groupWords(name) {
  for (const [pattern, key] of patterns) {
    const [, a, b] = pattern.exec(name) ?? [];
    if (a !== undefined) return t(key, { a: number(Number(a), 1), b: b === undefined ? '' : number(Number(b), 1) });
  }
  return coded('group_name', coded('cohort', name) === name.replaceAll('_', ' ') ? name : coded('cohort', name));
}
