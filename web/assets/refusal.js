// What is shown where the service did not give what was asked for.
import { signInButton } from './access.js';
import { h } from './dom.js';
import { coded, either, firstKnown, language, t } from './language.js';
import { namedIn, unitOfHint } from './sheet.js';
import { stayField, symbolOf, variableNamed } from './vocabulary.js';

/** @typedef {import('./api.js').Schemas} Schemas */
/** @typedef {import('./api.js').Refusal} Refusal */

/** @typedef {{code: string, location?: string, hint?: string}} Entry of a problem or a warning */

/**
 * What to do about a problem or a warning: in the page's words where its code and its place tell, for the service speaks to programs, in English; else
 * in the service's own.
 * @param {Entry} entry
 */
export function hintView(entry) {
  if (entry.hint === undefined) return null;
  const words = hintWords(entry);
  return words === null ? h('span', { class: 'hint', lang: 'en' }, entry.hint) : h('span', { class: 'hint' }, words);
}

/** @param {Entry} entry */
function hintWords(entry) {
  const { code, location = '' } = entry;
  const unit = unitOfHint(entry);
  if (unit !== undefined) return t('hint.unit', { unit: symbolOf(unit) });
  const { name } = namedIn(location);
  const variable = variableNamed(name);
  if (variable !== undefined) return measurementHint(code, location, variable);
  const choices = stayField(name)?.choices;
  if (choices !== undefined) return t('hint.choices', { choices: either(choices.map((choice) => coded('choice', choice))) });
  return firstKnown([`hint.${code}.${name || 'whole'}`, `hint.${code}`, `hint.field.${name}`]);
}

/**
 * @param {string} code
 * @param {string} location
 * @param {import('./vocabulary.js').Variable} variable
 */
function measurementHint(code, location, variable) {
  const units = either(variable.accepted_units.map(symbolOf));
  if (location.endsWith('.unit')) return t('hint.units', { units });
  return code === 'wrong_type' ? t('hint.number', { units }) : firstKnown([`hint.${code}`]);
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
  return h('div', { class: 'refusal', role: 'alert' }, h('h2', {}, refusalTitle(refusal)),
    h('p', {}, coded('refusal', keyOf(refusal))), refusal.problems.detail !== undefined && h('p', { class: 'original', lang: 'en' }, `${refusal.status}: ${refusal.problems.detail}`),
    [401, 403].includes(refusal.status) && signInButton());
}

/**
 * The same in a few words.
 * @param {Refusal} refusal
 */
export function refusalTitle(refusal) {
  return coded('refusal', `${keyOf(refusal)}_title`);
}

/** @param {Refusal} refusal */
function keyOf({ status }) {
  return [0, 401, 403, 404, 413, 422, 429, 503].includes(status) ? String(status) : 'other';
}
