// Scores many stays by the batch route, some at a time, and tells where each stands at an hour.
import { Refusal, expectRoute, lines, send, silence } from './api.js';
import { mark, requestOf } from './sheet.js';
import { stateOf } from './state.js';

/** @typedef {import('./api.js').Schemas} Schemas */
/** @typedef {Schemas['Answer']} Answer */
/** @typedef {{name: string, sheet: import('./sheet.js').Sheet, answer: Answer | null, problem: Schemas['ProblemDetails'] | null}} Stay */
/** @typedef {Schemas['Moment']} Moment */
/** @typedef {{stay: Stay, state: State, moment: Moment | null, moments: Moment[], change: number | null, left: boolean, level: import('./state.js').Level | null, warnings: Answer['warnings'], omitted: number}} Standing */
/** @typedef {import('./state.js').State | 'error' | 'waiting'} State */

/**
 * Where stays are sent to.
 * @param {Stay[]} stays
 */
export function pathOf(stays) {
  return `/predict/patients?trajectory=true${stays[0] === undefined ? '' : mark(stays[0].sheet)}`;
}

/** Stays in one request: few enough for the first answers to come at once, many enough to keep the service busy. */
const together = 25;
/** Statuses of what is wrong with one patient of a batch; any other ends it, and the stay of that line is still to be asked for. */
const ofPatient = new Set([413, 422, 500]);
/** Over so many hours the change of risk is told. */
const changeHours = 6;

/** @param {Stay} stay */
export function isOpen(stay) {
  return stay.answer === null && stay.problem === null;
}

/**
 * Fills in the answers of all stays that have none, also of those that are added meanwhile. It must not run twice at a time: what
 * is sent twice stands twice in the record.
 * @param {Stay[]} stays
 * @param {() => void} progress called as answers come
 * @param {AbortSignal} signal
 */
export async function scoreAll(stays, progress, signal) {
  await expectRoute('/predict/patients');
  for (let some = nextOf(stays); some.length > 0; some = nextOf(stays)) {
    await scoreSome(some, signal);
    progress();
  }
}

/**
 * The stays that are sent next: all of them invented, or none.
 * @param {Stay[]} stays
 */
function nextOf(stays) {
  const open = stays.filter(isOpen);
  const first = open[0];
  return first === undefined ? [] : open.filter((stay) => mark(stay.sheet) === mark(first.sheet)).slice(0, together);
}

/**
 * @param {Stay[]} stays all of them invented, or none
 * @param {AbortSignal} signal
 */
async function scoreSome(stays, signal) {
  const type = 'application/x-ndjson';
  const body = stays.map((stay) => JSON.stringify(requestOf(stay.sheet).body)).join('\n');
  let answered = 0;
  for await (const answer of lines(await send(pathOf(stays), { method: 'POST', body, type, accept: type, signal, patience: silence, parts: true }))) {
    const stay = stays[answered];
    if (stay === undefined) break;
    if ('prediction' in answer) stay.answer = answer;
    else if (ofPatient.has(answer.status)) stay.problem = answer;
    else throw new Refusal(answer.status, answer);
    answered += 1;
  }
  if (answered < stays.length) throw new Refusal(0, {});
}

/**
 * Where a stay stands at an hour since admission, or at its end.
 * @param {Stay} stay
 * @param {number | null} hour null for the end
 * @returns {Standing}
 */
export function standing(stay, hour) {
  const nothing = { stay, moment: null, moments: [], change: null, left: false, level: null, warnings: [], omitted: 0 };
  if (stay.problem !== null) return { ...nothing, state: 'error' };
  if (stay.answer === null) return { ...nothing, state: 'waiting' };
  const course = stay.answer.trajectory ?? [];
  const until = hour === null ? course.length : countUntil(course, hour);
  const moments = course.slice(0, until);
  const moment = moments.at(-1) ?? null;
  if (moment === null) return { ...nothing, state: 'waiting' };
  const level = moment.reliability;
  const warnings = hour === null ? stay.answer.warnings : stay.answer.warnings.filter((warning) => observationOf(warning.location) < until);
  return {
    stay, moment, moments, change: changeOf(moments), left: hour !== null && until === course.length && hourOf(moment) < hour, level, state: stateOf(moment, level),
    warnings, omitted: hour === null ? stay.answer.warnings_omitted ?? 0 : 0, // of those not listed nobody knows the hour
  };
}

/**
 * Which observation, from 0, a location of the API lies in; of each there is a moment. What lies in none is known from the start.
 * @param {string} location
 */
function observationOf(location) {
  return Number(/^body\.observations\[(\d+)\]/.exec(location)?.[1] ?? 0);
}

/** @param {Moment} moment */
export function hourOf(moment) {
  return moment.icu_hour ?? 1;
}

/**
 * How many moments lie at an hour or before it; they are in order.
 * @param {Moment[]} course
 * @param {number} hour
 */
function countUntil(course, hour) {
  let [low, high] = [0, course.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const moment = course[middle];
    if (moment !== undefined && hourOf(moment) <= hour) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The change of risk over the last hours; null when nothing is known of the time before.
 * @param {Moment[]} moments
 */
function changeOf(moments) {
  const last = moments.at(-1);
  if (last === undefined) return null;
  const before = moments.findLast((moment) => hourOf(moment) <= hourOf(last) - changeHours);
  return before === undefined ? null : last.probability - before.probability;
}

/** @typedef {'risk' | 'change' | 'name' | 'hour'} Order */

/**
 * Sorts standings: those who are there first, by what is asked for, then those who have left, then those without an answer.
 * @param {Standing[]} standings
 * @param {Order} order
 */
export function sorted(standings, order) {
  const rank = (/** @type {Standing} */ s) => (s.moment === null ? 2 : s.left ? 1 : 0);
  const by = {
    risk: (/** @type {Standing} */ a, /** @type {Standing} */ b) => (b.moment?.probability ?? 0) - (a.moment?.probability ?? 0),
    change: (/** @type {Standing} */ a, /** @type {Standing} */ b) => (b.change ?? -1) - (a.change ?? -1),
    hour: (/** @type {Standing} */ a, /** @type {Standing} */ b) => (b.moment === null ? 0 : hourOf(b.moment)) - (a.moment === null ? 0 : hourOf(a.moment)),
    name: (/** @type {Standing} */ a, /** @type {Standing} */ b) => names.compare(a.stay.name, b.stay.name),
  }[order];
  return standings.sort((a, b) => rank(a) - rank(b) || by(a, b) || names.compare(a.stay.name, b.stay.name));
}

const names = new Intl.Collator(undefined, { numeric: true });
