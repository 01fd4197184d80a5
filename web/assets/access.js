// Who the service takes this tab for, what that allows, and signing in and out with a key.
import { Refusal, apiKey, get, setApiKey } from './api.js';
import { button, fill, h, on } from './dom.js';
import { coded, t } from './language.js';
import { keep, recall } from './storage.js';
import { wouldLose } from './unsaved.js';

/** @typedef {import('./api.js').Schemas['CallerAnswer']} Caller */
/** @typedef {'predict' | 'audit'} Role what the page asks about */

/** In the tab's storage while the page is made anew to ask for another key. */
const wantedName = 'key-wanted';
/** How long the first screen waits to learn who calls, in milliseconds. */
const patience = 5_000;

/** @type {Caller | null} null when the service did not tell: then it tells with each request */
let caller = null;

/** Asks who calls. A key that no longer holds is forgotten. */
export async function askCaller() {
  try {
    caller = await get('/caller', patience);
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    caller = null;
    if (cause.status !== 401 || apiKey() === '') return;
    setApiKey('');
    await askCaller();
  }
}

/** @param {Role} role */
export function may(role) {
  if (caller === null) return true;
  const rights = caller.may ?? caller.roles; // an instance of before, during a rolling update, tells the roles alone, of which admin includes all
  return rights.includes(role) || rights.includes('admin');
}

/**
 * Takes a key when the service does. A key of which that cannot be learnt is not kept: the tab would look signed in.
 * @param {string} key
 * @returns {Promise<import('./language.js').Key | null>} why it was not taken
 */
async function takeKey(key) {
  if (key === '') return 'key.empty';
  setApiKey(key);
  try {
    caller = await get('/caller');
    return null;
  } catch (cause) {
    setApiKey('');
    if (!(cause instanceof Refusal)) throw cause;
    return cause.status === 401 ? 'key.wrong' : 'key.unchecked';
  }
}

/** What the button of the frame says: who is there, or that a key is wanted. */
export function callerName() {
  if (apiKey() !== '') return caller?.name ?? t('key.button');
  return may('predict') ? t('key.button') : t('key.sign_in');
}

/** A button that asks for a key; the frame does. */
export function signInButton() {
  const words = apiKey() === '' ? t('key.sign_in') : t('key.other');
  return button(words, () => document.dispatchEvent(new Event('sign-in')), { class: 'sign-in primary' });
}

/**
 * Why something is not to be had for this caller, and what to do; null for those who have the role.
 * @param {Role} role
 */
export function accessNotice(role) {
  if (may(role)) return null;
  const words = caller?.name === undefined ? t('access.nobody') : t('access.lacks', { name: caller.name });
  return h('div', { class: 'notice access row' }, h('p', {}, words, ' ', coded('access', role)), signInButton());
}

/**
 * Asks for a key, and takes it when the service does; or says who is signed in, and lets them sign out.
 * @param {() => void} changed called when somebody signed in
 */
export function openSignIn(changed) {
  const dialog = h('dialog', { 'aria-labelledby': 'key-title' });
  dialog.append(h('h2', { id: 'key-title' }, t('key.title')), ...(apiKey() === '' ? keyForm(dialog, changed) : signedIn(dialog)));
  dialog.addEventListener('close', () => { dialog.remove(); document.getElementById('key')?.focus(); });
  document.body.append(dialog);
  dialog.showModal();
}

/**
 * @param {HTMLDialogElement} dialog
 * @param {() => void} changed
 */
function keyForm(dialog, changed) {
  const input = h('input', { type: 'password', id: 'key-input', autocomplete: 'off', spellcheck: 'false' });
  const failure = h('p', { role: 'alert', class: 'notice error', hidden: true });
  const use = async () => {
    const refused = await takeKey(input.value.trim());
    if (refused !== null) {
      fill(failure, t(refused));
      failure.hidden = false;
      input.focus();
      return;
    }
    dialog.close();
    changed();
  };
  on(input, { keydown: (event) => event.key === 'Enter' && void use() });
  return [h('p', {}, t('key.note')), h('label', { for: 'key-input' }, t('key.label')), input, failure,
    h('div', { class: 'row' }, button(t('key.sign_in'), () => void use(), { class: 'primary', id: 'key-use' }), button(t('close'), () => dialog.close()))];
}

/** @param {HTMLDialogElement} dialog */
function signedIn(dialog) {
  const roles = (caller?.roles ?? []).map((role) => coded('role', role)).join(', ');
  const another = () => { keep('sessionStorage', wantedName, ''); signOut(); };
  return [h('p', {}, t('key.who', { name: caller?.name ?? '–', roles })), h('p', { class: 'muted' }, t('key.out_note')),
    h('div', { class: 'row' }, button(t('key.out'), signOut, { class: 'primary', id: 'key-out' }), button(t('key.other'), another, { id: 'key-other' }), button(t('close'), () => dialog.close()))];
}

/** Forgets the key and all that the tab holds of patients. */
function signOut() {
  setApiKey('');
  wouldLose(false); // that it goes is meant
  location.hash = '#/patient';
  location.reload();
}

/** Whether the page was made anew to ask for another key; told once. */
export function keyWanted() {
  const wanted = recall('sessionStorage', wantedName) !== null;
  keep('sessionStorage', wantedName, null);
  return wanted;
}
