// What the page tells of what it did and of what it could not do: kept as keys, so that it is told again in whatever language is chosen next.
import { h } from './dom.js';
import { count, t } from './language.js';

/** @typedef {{key: import('./language.js').Key, values?: Record<string, string | number>, error?: boolean}} Notice a number n among the values chooses the plural */

/** So many files are named in a notice. */
const filesNamed = 3;

/** What is to be told of files, each thing once, with the files that it is true of. */
export class Notices {
  constructor() {
    /** @type {Map<string, {notice: Notice, files: Set<string>}>} by the notice as JSON */
    this.told = new Map();
  }

  /**
   * @param {Notice[]} notices
   * @param {string} file empty when it was pasted
   */
  add(notices, file) {
    for (const notice of notices) {
      const id = JSON.stringify(notice);
      const known = this.told.get(id) ?? { notice, files: new Set() };
      this.told.set(id, known);
      known.files.add(file);
    }
  }

  /** @returns {{words: string, error: boolean}[]} */
  lines() {
    return [...this.told.values()].map(({ notice, files }) => ({ words: wordsOf(notice) + named(files), error: notice.error === true }));
  }

  /** @returns {HTMLElement[]} */
  view() {
    return this.lines().map(({ words, error }) => h('p', { class: error ? 'notice error' : 'notice' }, words));
  }
}

/** @param {Notice} notice */
export function wordsOf({ key, values = {} }) {
  return typeof values.n === 'number' ? count(key, values.n) : t(key, values);
}

/** @param {Set<string>} files */
function named(files) {
  const names = [...files].filter((file) => file !== '');
  if (names.length === 0) return '';
  const more = names.length - filesNamed;
  return ` (${names.slice(0, filesNamed).join(', ')}${more > 0 ? ` ${t('import.more', { n: more })}` : ''})`;
}
