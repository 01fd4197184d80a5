// Words and numbers in the reader's language. The catalogues fr.json and en.json have the same keys.
import { assetJSON } from './api.js';
import { keep } from './storage.js';

/** @typedef {keyof typeof import('./fr.json')} Key */
/** @typedef {'fr' | 'en'} Language */

/** @type {Record<string, string>} */
let catalogue = {};

/** @returns {Language} */
export function language() {
  return document.documentElement.lang === 'en' ? 'en' : 'fr';
}

/** Fetches the catalogue of the page's language. */
export async function loadCatalogue() {
  catalogue = await fetched(language());
}

/** @param {Language} chosen */
function fetched(chosen) {
  return assetJSON(new URL(`./${chosen}.json`, import.meta.url));
}

/**
 * Changes the language, and keeps it for the next visit. Words and numbers change together: without its catalogue nothing does.
 * @param {Language} chosen
 */
export async function chooseLanguage(chosen) {
  catalogue = await fetched(chosen);
  document.documentElement.lang = chosen;
  keep('localStorage', 'language', chosen);
}

/**
 * The words of a key, with {name} replaced by what values hold.
 * @param {Key} key
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
  const words = catalogue[key] ?? key;
  return words.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/**
 * The words of a key that has a singular and a plural, divided by "|". French counts 0 and 1 as singular.
 * @param {Key} key
 * @param {number} n
 */
export function count(key, n) {
  const [one, many] = t(key, { n: number(n) }).split('|');
  const singular = language() === 'fr' ? Math.abs(n) < 2 : n === 1;
  return (singular ? one : (many ?? one)) ?? '';
}

/**
 * The words of a code of the API, such as a warning's. A code that the catalogue does not know stands for itself.
 * @param {string} family
 * @param {string} code
 */
export function coded(family, code) {
  return catalogue[`${family}.${code}`] ?? code.replaceAll('_', ' ');
}

/**
 * The words of the first of some keys that the catalogue knows, or null.
 * @param {string[]} keys
 */
export function firstKnown(keys) {
  return keys.map((key) => catalogue[key]).find((words) => words !== undefined) ?? null;
}

/** @type {Map<string, Intl.NumberFormat>} making one takes longer than using it */
const formats = new Map();

/**
 * @param {Intl.NumberFormatOptions} options
 */
function format(options) {
  const key = language() + JSON.stringify(options);
  const made = formats.get(key) ?? new Intl.NumberFormat(language(), options);
  formats.set(key, made);
  return made;
}

/**
 * A number with at most so many digits after the point.
 * @param {number} value
 * @param {number} [digits]
 */
export function number(value, digits = 2) {
  return format({ maximumFractionDigits: digits }).format(value);
}

/**
 * A figure with so many digits after the point, always, so that figures below each other line up.
 * @param {number} value
 * @param {number} digits
 */
export function fixed(value, digits) {
  const shown = Math.abs(value) < 0.5 / 10 ** digits ? 0 : value; // never −0.000
  return format({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(shown);
}

/**
 * A measurement, with three to four digits that count.
 * @param {number} value
 */
export function amount(value) {
  const size = Math.abs(value);
  if (size >= 1000) return number(value, 0);
  return number(value, size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

/**
 * A number with three digits that count, rounded up or down; the last digits that arithmetic adds are no reason to.
 * @param {number} value
 * @param {'ceil' | 'floor'} roundingMode
 */
export function rounded(value, roundingMode) {
  return Number(new Intl.NumberFormat('en', { maximumSignificantDigits: 3, useGrouping: false, roundingMode }).format(Number(value.toPrecision(12))));
}

/**
 * A probability as a percentage: 8.3 %; under 0.1 % it says so.
 * @param {number} probability
 */
export function percent(probability) {
  if (probability > 0 && probability < 0.001) return `< ${formatPercent(0.001, 1)}`;
  return formatPercent(probability, probability < 0.1 ? 1 : 0);
}

/**
 * @param {number} share
 * @param {number} digits after the point, always
 */
export function formatPercent(share, digits) {
  return format({ style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits }).format(share);
}

/** What stands between a name and what it is: the French put a space before it that does not break. */
export function colon() {
  return language() === 'fr' ? '\u00a0: ' : ': ';
}

/**
 * Words of which one is to be chosen: "a, b or c".
 * @param {string[]} words
 */
export function either(words) {
  return new Intl.ListFormat(language(), { type: 'disjunction' }).format(words);
}

/**
 * @param {string | number | Date} moment
 */
export function dateTime(moment) {
  // Of English dates the British ones cannot be misread: the day comes first, the month is a word.
  return new Intl.DateTimeFormat(language() === 'en' ? 'en-GB' : 'fr', { dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(moment));
}

/** A number as a sheet holds it: with a point, and nothing that groups digits. */
const canonicalNumber = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** A space that divides thousands, and no other: two numbers in one cell are no number. */
const groupingSpace = /(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))/g;

/**
 * What somebody typed, in a form that means the same in every language: a number with a point, anything else as it is. The comma
 * divides decimals in French alone, for in English 1,200 may be 1200.
 * @param {string} text
 * @param {boolean} [comma] whether a comma divides decimals
 */
export function canonical(text, comma = language() === 'fr') {
  const plain = text.trim().replace(groupingSpace, '').replace('\u2212', '-');
  const pointed = comma ? plain.replace(',', '.') : plain;
  return canonicalNumber.test(pointed) ? pointed : text;
}

/**
 * A canonical text as people of the page's language type it.
 * @param {string} text
 */
export function localised(text) {
  return language() === 'fr' && canonicalNumber.test(text) ? text.replace('.', ',') : text;
}

/**
 * The number that a canonical text means, or NaN, also for what no number of a computer holds, such as 1e999.
 * @param {string} text
 */
export function numberOf(text) {
  const value = canonicalNumber.test(text.trim()) ? Number(text) : NaN;
  return Number.isFinite(value) ? value : NaN;
}

/**
 * What somebody typed as a number, or NaN.
 * @param {string} text
 */
export function parseNumber(text) {
  return numberOf(canonical(text));
}
