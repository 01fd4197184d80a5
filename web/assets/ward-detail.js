// One stay of the ward, beside the list.
import { badge, courseTable, pointsOf, said, thresholdsOf, warningsOf, whereOf } from './answer.js';
import { course, figure } from './chart.js';
import { button, h } from './dom.js';
import { coded, colon, percent, t } from './language.js';
import { measuredOf } from './measured.js';
import { openSheet } from './patient.js';
import { problemList } from './refusal.js';
import { hourOf, standing } from './ward-score.js';

/** @typedef {import('./ward-score.js').Stay} Stay */

/** Measurements under the course. */
const shownLanes = ['heart_rate', 'mean_arterial_pressure', 'respiratory_rate', 'temperature', 'lactate'];

/**
 * A stay at an hour, or at its end.
 * @param {Stay} stay
 * @param {number | null} hour
 */
export function answerView(stay, hour) {
  const { moment, moments, level, warnings, omitted } = standing(stay, hour);
  if (stay.answer === null || moment === null) return h('div', {}, h('p', { class: 'empty' }, t('ward.not_yet')));
  const { reliability } = stay.answer;
  return h('div', { class: 'answer-parts' },
    h('p', { class: 'word' }, h('strong', {}, percent(moment.probability)), badge(moment, level)),
    level !== null && h('div', { class: 'reliability' }, h('p', {}, t('reliability.title'), colon(), h('span', { class: `badge ${level}` }, coded('level', level))),
      hour === null && reliability.reasons.length > 0 && h('ul', {}, ...reliability.reasons.map((reason) => h('li', {}, said('reason', reason))))),
    warningsOf(warnings, omitted),
    moments.length > 1 && chart(stay, moments),
    h('p', {}, button(t('ward.to_patient'), () => toPatient(stay), { id: 'to-patient', class: 'primary' })));
}

/**
 * @param {Stay} stay
 * @param {import('./ward-score.js').Moment[]} moments
 */
function chart(stay, moments) {
  if (stay.answer === null) return null;
  const thresholds = thresholdsOf(stay.answer);
  const last = moments.at(-1);
  const until = last === undefined ? 0 : hourOf(last);
  const lanes = measuredOf(stay.sheet, (variable) => variable.unit).lanes.filter((lane) => shownLanes.includes(lane.name))
    .map((lane) => ({ ...lane, points: lane.points.filter((point) => point.x <= until) })).filter((lane) => lane.points.length > 0);
  const drawn = pointsOf(moments);
  return figure(t('ward.chart', { name: stay.name, p: percent(last?.probability ?? 0) }), (width) => course(width, drawn, thresholds, lanes), () => courseTable(drawn, lanes));
}

/** @param {Stay} stay */
function toPatient(stay) {
  openSheet(structuredClone(stay.sheet));
  location.hash = '#/patient';
}

/**
 * Why a stay has no answer.
 * @param {Stay} stay
 */
export function problemsOf(stay) {
  if (stay.problem === null) return h('p', { class: 'loading' }, t('loading'));
  return h('div', {}, h('p', {}, t('ward.refused')), stay.problem.detail !== undefined && h('p', { lang: 'en', class: 'original' }, stay.problem.detail), problemList(stay.problem.errors ?? [], whereOf),
    h('p', {}, button(t('ward.to_patient'), () => toPatient(stay), { id: 'to-patient', class: 'primary' })));
}
