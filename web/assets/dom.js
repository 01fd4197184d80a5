// Elements are built node by node: text never becomes HTML, and no style stands in an attribute, as the
// page's Content-Security-Policy demands.

/** @typedef {Node | string | number | null | undefined | false} Child */
/** @typedef {Record<string, string | number | boolean | null | undefined>} Attributes */
/** @typedef {{[Type in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[Type]) => void}} Listeners */

const svgSpace = 'http://www.w3.org/2000/svg';

/**
 * Makes an HTML element. An attribute that is null, undefined or false is left out; true gives an empty one.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes & {on?: never}} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  append(element, children);
  return element;
}

/**
 * Makes an SVG element.
 * @param {string} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {SVGElement}
 */
export function svg(tag, attributes = {}, ...children) {
  const element = /** @type {SVGElement} */ (document.createElementNS(svgSpace, tag));
  setAttributes(element, attributes);
  append(element, children);
  return element;
}

/**
 * Adds listeners and gives the element back.
 * @template {HTMLElement} E
 * @param {E} element
 * @param {Listeners} listeners
 * @returns {E}
 */
export function on(element, listeners) {
  for (const [type, listener] of Object.entries(listeners)) {
    element.addEventListener(type, /** @type {EventListener} */ (listener));
  }
  return element;
}

/**
 * A button that does something.
 * @param {string} label
 * @param {() => void} act
 * @param {Attributes} [attributes]
 */
export function button(label, act, attributes = {}) {
  return on(h('button', { type: 'button', ...attributes }, label), { click: act });
}

/**
 * Copies a text; over plain HTTP browsers know the old way alone.
 * @param {string} text
 * @returns {Promise<boolean>} whether it was copied
 */
export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedFromPage(text);
  }
}

/** @param {string} text */
function copiedFromPage(text) {
  const focused = document.activeElement;
  const place = h('textarea', { class: 'hidden', readonly: true, 'aria-hidden': 'true' });
  place.value = text;
  document.body.append(place);
  place.select();
  const done = document.execCommand('copy');
  place.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return done;
}

/**
 * Puts children in place of what an element holds.
 * @param {Element} element
 * @param {...Child} children
 */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
}

/**
 * @param {Element} element
 * @param {Attributes} attributes
 */
function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? '' : String(value));
  }
}

/**
 * @param {Element} element
 * @param {Child[]} children
 */
function append(element, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}
