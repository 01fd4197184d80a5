// What the browser keeps for the page. Where it is told to keep nothing, that lasts until the page is made anew.

/** @typedef {'localStorage' | 'sessionStorage'} Storage */

/** @type {Map<string, string>} what the browser would not keep */
const memory = new Map();

/**
 * @param {Storage} storage
 * @param {string} name
 */
export function recall(storage, name) {
  try {
    return window[storage].getItem(name);
  } catch {
    return memory.get(name) ?? null;
  }
}

/**
 * @param {Storage} storage
 * @param {string} name
 * @param {string | null} value null to forget it
 */
export function keep(storage, name, value) {
  try {
    if (value === null) window[storage].removeItem(name);
    else window[storage].setItem(name, value);
  } catch {
    if (value === null) memory.delete(name);
    else memory.set(name, value);
  }
}
