// What the service answered, shown to people: the verdict first, then how far to trust it, then why.
import { course, figure, riskScale, signed, signedBar, table } from './chart.js';
import { button, h } from './dom.js';
import { amount, coded, colon, count, dateTime, language, number, percent, t } from './language.js';
import { hintView } from './refusal.js';
import { namedIn } from './sheet.js';
import { doubtful, signs, stateOf } from './state.js';
import { groups, labelOf, symbolOf, variableNamed } from './vocabulary.js';

/** @typedef {import('./api.js').Schemas} Schemas */
/** @typedef {Schemas['Answer']} Answer */
/** @typedef {import('./chart.js').Lane} Lane */
/** @typedef {{names: Set<string>, lanes: Lane[]}} Measured the variables with a value in the last day, and their courses */

/** Measurements under the course of risk: as many as a screen takes. */
const laneLimit = 6;
/** Drivers shown at first; the table behind holds all. */
const driverLimit = 8;

/**
 * The whole answer.
 * @param {Answer} answer
 * @param {Measured | null} measured null when the measurements are not known, as in the record
 */
export function answerView(answer, measured) {
  return h('div', { class: 'answer-parts' },
    verdict(answer), reliability(answer, measured), courseOf(answer, measured), drivers(answer), scores(answer), warningsOf(answer.warnings, answer.warnings_omitted), origin(answer));
}

/** @param {Answer} answer */
export function thresholdsOf(answer) {
  return { watch: answer.threshold, alert: answer.alert_threshold };
}

/**
 * The state in one word with its sign; the doubt beside it where there is one and something is said nevertheless.
 * @param {{alert: boolean, prediction: string}} risk
 * @param {import('./state.js').Level | null} level
 */
export function badge(risk, level) {
  const state = stateOf(risk, level);
  const one = (/** @type {import('./state.js').State} */ which) => h('span', { class: `badge ${which}` }, h('span', { 'aria-hidden': 'true' }, `${signs[which]} `), t(`state.${which}`));
  return h('span', { class: 'badges' }, one(state), state !== 'unjudged' && doubtful(level) && h('span', {}, ' ', one('unjudged')));
}

/** @param {Answer} answer */
function verdict(answer) {
  const { level } = answer.reliability;
  const state = stateOf(answer, level);
  const title = t('answer.scale', { p: percent(answer.probability), watch: percent(answer.threshold), alert: percent(answer.alert_threshold) });
  return h('section', { class: `verdict ${state}` },
    h('p', { class: 'word', id: 'verdict-word' }, h('strong', {}, coded('prediction', answer.prediction)), badge(answer, level)),
    h('p', { class: 'risk', id: 'verdict-risk' }, h('span', { class: 'figure' }, percent(answer.probability)), ' ', t('answer.within')),
    h('p', {}, t(`answer.${state}`)), warned(answer),
    state !== 'unjudged' && doubtful(level) && h('p', {}, t('answer.doubt')),
    figure(title, (width) => riskScale(width, answer.probability, thresholdsOf(answer)), table(t('answer.scale_table'), [t('answer.point'), t('answer.probability')], [
      [t('answer.this'), percent(answer.probability)], [t('answer.threshold'), percent(answer.threshold)], [t('answer.alert_threshold'), percent(answer.alert_threshold)],
    ])));
}

/**
 * How many warnings there are, beside the verdict, which may look calm by a value in the wrong unit; it leads to them.
 * @param {Answer} answer
 */
function warned(answer) {
  const total = answer.warnings.length + (answer.warnings_omitted ?? 0);
  if (total === 0) return null;
  const go = () => {
    const title = mark.closest('.answer-parts')?.querySelector('.warnings h3');
    if (!(title instanceof HTMLElement)) return;
    title.focus({ preventScroll: true });
    title.scrollIntoView({ block: 'start' });
  };
  const mark = button(`${signs.warned} ${count('warnings.title', total)}`, go, { class: 'warned' });
  return h('p', {}, mark);
}

/**
 * @param {Answer} answer
 * @param {Measured | null} measured
 */
function reliability(answer, measured) {
  const { level, reasons } = answer.reliability;
  const unlike = reasons.some((reason) => reason.code === 'unlike_training');
  return h('section', { class: `reliability ${level}` }, h('h3', {}, t('reliability.title')),
    h('p', {}, h('span', { class: `badge ${level}` }, coded('level', level)), ' ', t(doubtful(level) && unlike ? 'reliability.unlike' : `reliability.${level}`)),
    reasons.length > 0 && h('ul', {}, ...reasons.map((reason) => h('li', {}, said('reason', reason)))),
    measured !== null && missing(measured));
}

/**
 * What the API says of a code: in the page's language, and in its own words where these are others.
 * @param {string} family
 * @param {{code: string, message: string}} entry
 */
export function said(family, entry) {
  if (language() === 'en') return h('span', {}, entry.message);
  return h('span', {}, coded(family, entry.code), h('span', { class: 'original', lang: 'en' }, entry.message));
}

/** @param {Measured} measured */
function missing(measured) {
  const lists = [...groups()].map(([group, variables]) => {
    const absent = variables.filter((variable) => !measured.names.has(variable.name));
    return absent.length > 0 && h('li', {}, h('strong', {}, coded('group', group)), ' ', absent.map((variable) => labelOf(variable.name)).join(', '));
  });
  const total = [...groups().values()].flat().length - measured.names.size;
  return total > 0 && h('details', { class: 'missing' }, h('summary', {}, count('missing.title', total)), h('ul', {}, ...lists));
}

/**
 * @param {Answer} answer
 * @param {Measured | null} measured
 */
function courseOf(answer, measured) {
  const moments = pointsOf(answer.trajectory ?? []);
  if (moments.length < 2) return null;
  const important = (answer.explanation ?? []).map((part) => part.name);
  const rank = (/** @type {string} */ name) => (important.includes(name) ? important.indexOf(name) : 99);
  const lanes = (measured?.lanes ?? []).toSorted((a, b) => rank(a.name) - rank(b.name)).slice(0, laneLimit);
  const title = courseWords(moments);
  return h('section', {}, h('h3', {}, t('course.title')), h('p', { class: 'muted' }, title),
    figure(title, (width) => course(width, moments, thresholdsOf(answer), lanes), () => courseTable(moments, lanes)));
}

/**
 * Moments as charts draw them.
 * @param {Schemas['Moment'][]} moments in order; those of records that are older than their reliability have none
 */
export function pointsOf(moments) {
  return moments.map((moment, index) => ({ hour: moment.icu_hour ?? index + 1, probability: moment.probability, alert: moment.alert, level: moment.reliability ?? null }));
}

/**
 * A course in a sentence.
 * @param {import('./chart.js').Moment[]} moments
 */
export function courseWords(moments) {
  const [first, last] = [moments[0], moments.at(-1)];
  const highest = moments.reduce((most, moment) => Math.max(most, moment.probability), 0);
  return t('course.summary', {
    from: number(first?.hour ?? 0), to: number(last?.hour ?? 0), first: percent(first?.probability ?? 0), last: percent(last?.probability ?? 0), highest: percent(highest),
  });
}

/**
 * The table behind a course: each hour with all that is drawn of it.
 * @param {import('./chart.js').Moment[]} moments
 * @param {Lane[]} lanes
 */
export function courseTable(moments, lanes) {
  const values = lanes.map((lane) => new Map(lane.points.map((point) => [point.x, amount(point.y)])));
  const rows = moments.map((moment) => [number(moment.hour), percent(moment.probability), moment.alert ? t('yes') : t('no'),
    moment.level === null ? '–' : coded('level', moment.level), ...values.map((lane) => lane.get(moment.hour) ?? '–')]);
  const heads = [t('form.hour'), t('answer.probability'), t('state.alert'), t('reliability.title'), ...lanes.map((lane) => `${lane.label} (${lane.unit})`)];
  return table(t('course.title'), heads, rows);
}

/** @param {Answer} answer */
function drivers(answer) {
  const parts = answer.explanation;
  if (parts === undefined) return h('section', {}, h('h3', {}, t('drivers.title')), h('p', { class: 'empty' }, t('drivers.none')));
  const largest = Math.max(...parts.map((part) => Math.abs(part.contribution)), 0.01);
  const rows = (/** @type {typeof parts} */ some) => some.map((part) => [
    h('span', {}, labelOf(part.name), h('span', { class: 'detail' }, valueOf(part))),
    signedBar(part.contribution, largest),
    h('span', { class: part.contribution > 0 ? 'raises' : 'lowers' }, signed(part.contribution)),
  ]);
  const heads = [t('drivers.what'), t('drivers.direction'), t('drivers.size')];
  const rest = parts.slice(driverLimit);
  return h('section', { class: 'drivers' }, h('h3', {}, t('drivers.title')), h('p', { class: 'muted' }, t('drivers.note')),
    table(t('drivers.caption'), heads, rows(parts.slice(0, driverLimit))),
    rest.length > 0 && h('details', {}, h('summary', {}, count('drivers.rest', rest.length)), table(t('drivers.rest_caption'), heads, rows(rest))));
}

/** @param {NonNullable<Answer['explanation']>[number]} part */
function valueOf(part) {
  if (part.choice !== undefined) return coded('choice', part.choice);
  if (part.value === null) return variableNamed(part.name) === undefined ? '' : t('drivers.unmeasured');
  const unit = part.unit === null ? '' : ` ${coded('unit', part.unit) === part.unit.replaceAll('_', ' ') ? symbolOf(part.unit) : coded('unit', part.unit)}`;
  const age = part.hours_ago === null ? '' : `, ${part.hours_ago === 0 ? t('drivers.now') : t('drivers.ago', { n: number(part.hours_ago) })}`;
  return amount(part.value) + unit + age;
}

/** @param {Answer} answer */
function scores(answer) {
  const rows = Object.entries(answer.scores).map(([name, score]) => [
    labelOf(name) === name ? name.toUpperCase() : labelOf(name),
    score.value === null ? '–' : t('scores.of', { value: number(score.value), maximum: number(score.maximum) }),
    score.missing.length === 0 ? t('scores.complete') : score.missing.map((part) => coded('part', part)).join(', '),
  ]);
  return h('section', { class: 'scores' }, h('h3', {}, t('scores.title')),
    table(t('scores.caption'), [t('scores.score'), t('scores.value'), t('scores.lacked')], rows));
}

/**
 * @param {Answer['warnings']} warnings
 * @param {number} [omitted] how many further ones the answer does not list
 */
export function warningsOf(warnings, omitted = 0) {
  if (warnings.length === 0) return null;
  return h('section', { class: 'warnings' }, h('h3', { tabindex: -1 }, count('warnings.title', warnings.length + omitted)),
    h('ul', {}, ...warnings.map((warning) => h('li', {}, h('span', { class: 'muted' }, whereOf(warning.location), colon()), said('warning', warning), hintView(warning)))),
    omitted > 0 && h('p', {}, count('warnings.omitted', omitted)));
}

/**
 * A location of the API in words: which measurement, of which observation.
 * @param {string} location
 */
export function whereOf(location) {
  const { observation, name } = namedIn(location);
  const where = observation === null ? '' : t('warnings.observation', { n: observation + 1 });
  const words = [name === '' ? '' : labelOf(name), where].filter((word) => word !== '').join(', ');
  return words || (location === 'body' ? t('warnings.whole') : location);
}

/** @param {Answer} answer */
function origin(answer) {
  return h('p', { class: 'origin muted' }, t('answer.model', { name: answer.model.name, version: answer.model.version, digest: answer.model.sha256.slice(0, 12) }),
    h('br'), t('answer.id', { id: answer.id, time: dateTime(timeOf(answer.id)) }));
}

/**
 * When an answer was given: its id is a ULID, whose first ten letters are milliseconds in Crockford's base 32 (https://github.com/ulid/spec).
 * @param {string} id
 */
function timeOf(id) {
  return [...id.slice(0, 10)].reduce((time, letter) => time * 32 + '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.indexOf(letter), 0);
}
