// What is shown where the service did not give what was asked for.
import { signInButton } from './access.js';
import { h } from './dom.js';
import { coded, language, t } from './language.js';
import { unitOfHint } from './sheet.js';
import { symbolOf } from './vocabulary.js';

/** @typedef {import('./api.js').Schemas} Schemas */
/** @typedef {import('./api.js').Refusal} Refusal */

/**
 * What to do about a problem or a warning: which other unit the value looks like, in the page's words; any other hint in the service's own.
 * @param {{code: string, hint?: string}} entry
 */
export function hintView(entry) {
  if (entry.hint === undefined) return null;
  const unit = unitOfHint(entry);
  return unit === undefined ? h('span', { class: 'hint', lang: 'en' }, entry.hint) : h('span', { class: 'hint' }, t('hint.unit', { unit: symbolOf(unit) }));
}

/**
 * @param {Schemas['Problem'][]} problems
 * @param {(location: string) => string} [place] what people call the place of a problem
 */
export function problemList(problems, place) {
  if (problems.length === 0) return null;
  return h('ul', { class: 'problems' }, ...problems.map((problem) => h('li', {},
    ...(place === undefined ? [h('code', {}, problem.location), ' '] : [h('strong', {}, place(problem.location)), ' – ']), language() === 'en' ? problem.message : coded('problem', problem.code),
    language() === 'fr' && h('span', { class: 'original', lang: 'en' }, problem.message),
    hintView(problem))));
}

/**
 * What an answer that is not the one hoped for means to the reader.
 * @param {Refusal} refusal
 */
export function refusalView(refusal) {
  const known = [0, 401, 403, 404, 413, 422, 429, 503].includes(refusal.status);
  const key = known ? String(refusal.status) : 'other';
  return h('div', { class: 'refusal', role: 'alert' }, h('h2', {}, coded('refusal', `${key}_title`)),
    h('p', {}, coded('refusal', key)), refusal.problems.detail !== undefined && h('p', { class: 'original', lang: 'en' }, `${refusal.status}: ${refusal.problems.detail}`),
    [401, 403].includes(refusal.status) && signInButton());
}
