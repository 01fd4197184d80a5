// The input vocabulary, as GET /variables tells it. Nothing of it is written down here a second time.
import { get } from './api.js';
import { language, t } from './language.js';

/** @typedef {import('./api.js').Schemas} Schemas */
/** @typedef {Schemas['VariableEntry']} Variable */
/** @typedef {Schemas['StayEntry']} StayField */
/** @typedef {'own' | 'si'} UnitSystem */

/** @type {Variable[]} */
export let variables = [];
/** @type {StayField[]} */
export let stayFields = [];
/** @type {Schemas['GroupEntry'][]} what an explanation names beside them */
let explanationGroups = [];
/** @type {Map<string, Variable>} */
const byName = new Map();

/** Units of the SI system that laboratories report in, the preferred first. A variable that accepts none keeps its own. */
const siUnits = ['umol/L', 'mmol/L', 'g/L', '10*9/L', 'ng/L', 'L/L'];

export async function loadVocabulary() {
  /** @type {Schemas['VocabularyAnswer']} */
  const vocabulary = await get('/variables');
  variables = vocabulary.variables;
  stayFields = vocabulary.stay;
  explanationGroups = vocabulary.explanation_groups;
  byName.clear();
  for (const variable of variables) byName.set(variable.name, variable);
}

/** @param {string} name */
export function variableNamed(name) {
  return byName.get(name);
}

/** @param {string} name */
export function stayField(name) {
  return stayFields.find((field) => field.name === name);
}

/**
 * The name of a variable, of what describes the stay, or of another part of an explanation, in the reader's language; an unknown one stands for itself.
 * @param {string} name
 */
export function labelOf(name) {
  const entry = byName.get(name) ?? stayField(name) ?? explanationGroups.find((group) => group.name === name);
  if (entry === undefined) return name;
  const words = entry.description[language()];
  return words.replace(/ \([^)]*Challenge[^)]*\)/, '');
}

/** The groups in the order of the vocabulary, each with its variables. */
export function groups() {
  /** @type {Map<string, Variable[]>} */
  const gathered = new Map();
  for (const variable of variables) {
    const group = gathered.get(variable.group) ?? [];
    group.push(variable);
    gathered.set(variable.group, group);
  }
  return gathered;
}

/**
 * The unit as people write it.
 * @param {string} code
 */
export function symbolOf(code) {
  if (code === '1') return t('unit.fraction');
  if (code === '[IU]/L') return t('unit.iu');
  for (const variable of variables) {
    if (variable.unit === code) return variable.symbol;
    const conversion = variable.conversions.find((candidate) => candidate.unit === code);
    if (conversion !== undefined) return conversion.symbol;
  }
  return code;
}

/**
 * @param {Variable} variable
 * @param {UnitSystem} system
 */
export function unitIn(variable, system) {
  if (system === 'own' || siUnits.includes(variable.unit)) return variable.unit;
  return siUnits.find((unit) => variable.accepted_units.includes(unit)) ?? variable.unit;
}

/**
 * A value in one of the variable's units becomes one in another.
 * @param {Variable} variable
 * @param {number} value
 * @param {string} from
 * @param {string} to
 */
export function convert(variable, value, from, to) {
  if (from === to) return value;
  const incoming = variable.conversions.find((conversion) => conversion.unit === from);
  const own = incoming === undefined ? value : ((value - incoming.offset) * incoming.numerator) / incoming.denominator;
  const outgoing = variable.conversions.find((conversion) => conversion.unit === to);
  return outgoing === undefined ? own : (own * outgoing.denominator) / outgoing.numerator + outgoing.offset;
}
