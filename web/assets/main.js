// The frame of the page: what stands around every screen, and which screen is shown.
import { askCaller, callerName, keyWanted, may, openSignIn } from './access.js';
import { Refusal, apiKey } from './api.js';
import { button, fill, h, on } from './dom.js';
import { chooseLanguage, language, loadCatalogue, t } from './language.js';
import { patientScreen } from './patient.js';
import { refusalView } from './refusal.js';
import { keep } from './storage.js';
import { loadVocabulary } from './vocabulary.js';

/** @typedef {(detail: string) => HTMLElement | Promise<HTMLElement>} Screen */

/** Screens by the first part of the address behind "#/". Those that a first visit does not show are fetched when they are. */
const screens = /** @type {const} */ (['patient', 'ward', 'record', 'model', 'api']);

/** @type {Record<typeof screens[number], Screen>} */
const makers = {
  patient: () => patientScreen(),
  ward: async () => (await import('./ward.js')).wardScreen(),
  record: async (id) => (await import('./record.js')).recordScreen(id),
  model: async () => (await import('./model.js')).modelScreen(),
  api: async () => (await import('./api-screen.js')).apiScreen(),
};

const main = h('main', { id: 'main', tabindex: -1 });
const page = document.getElementById('page');

/** @returns {[typeof screens[number], string]} the screen that the address names, and what stands behind it */
function address() {
  const [name, detail = ''] = location.hash.replace(/^#\//, '').split('/');
  return [screens.find((screen) => screen === name) ?? 'patient', decoded(detail)];
}

/**
 * What somebody typed into the address may be no code at all: then it stands for itself, and the service does not know it.
 * @param {string} text
 */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Counts what was shown, so that a screen that comes late does not take the place of a later one. */
let shown = 0;

async function show() {
  const turn = ++shown;
  const [name, detail] = address();
  for (const link of document.querySelectorAll('nav a')) {
    if (link.getAttribute('href') === `#/${name}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  document.title = `${t(`nav.${name}`)} · Sepsis`;
  const waiting = setTimeout(() => turn === shown && fill(main, h('p', { class: 'loading', role: 'status' }, t('loading'))), 150);
  let screen;
  try {
    screen = await makers[name](detail);
  } catch (cause) {
    if (!(cause instanceof Refusal)) reportError(cause);
    screen = h('div', {}, h('h1', {}, t(`nav.${name}`)), ...(cause instanceof Refusal ? [refusalView(cause)] : notLoaded()));
  }
  clearTimeout(waiting);
  if (turn === shown) fill(main, screen);
}

/** Of a screen whose script did not come: the service is gone, or has been replaced by one with other files. */
function notLoaded() {
  return [h('p', { class: 'notice error', role: 'alert' }, t('screen.not_loaded')), button(t('retry'), () => void show().then(() => main.focus({ preventScroll: true })), { class: 'primary', id: 'screen-retry' })];
}

function header() {
  const other = language() === 'fr' ? 'en' : 'fr';
  return h('header', { class: 'top' },
    on(h('a', { class: 'skip', href: '#main' }, t('skip')), { click: (event) => { event.preventDefault(); main.focus(); } }),
    h('p', { class: 'brand' }, h('strong', {}, 'Sepsis'), h('span', { class: 'research', role: 'note' }, t('research'))),
    h('nav', { 'aria-label': t('nav.label') }, ...screens.map((name) => h('a', { href: `#/${name}` }, t(`nav.${name}`)))),
    h('div', { class: 'preferences' },
      button(callerName(), signIn, { id: 'key', class: apiKey() !== '' ? 'quiet set' : may('predict') ? 'quiet' : 'primary' }),
      button(themeName(), () => void nextTheme(), { id: 'theme', class: 'quiet' }),
      button(t('language.other'), () => void changeLanguage(other), { id: 'language', class: 'quiet', lang: other })));
}

/** @returns {'auto' | 'light' | 'dark'} */
function theme() {
  const chosen = document.documentElement.dataset.theme;
  return chosen === 'light' || chosen === 'dark' ? chosen : 'auto';
}

function themeName() {
  return t(`theme.${theme()}`);
}

/** Goes from the system's theme to the light, to the dark one, and back. */
function nextTheme() {
  const root = document.documentElement;
  const next = /** @type {const} */ ({ auto: 'light', light: 'dark', dark: 'auto' })[theme()];
  if (next === 'auto') {
    delete root.dataset.theme;
  } else {
    root.dataset.theme = next;
  }
  keep('localStorage', 'theme', next === 'auto' ? null : next);
  const toggle = document.getElementById('theme');
  if (toggle !== null) toggle.textContent = themeName();
}

/** @param {import('./language.js').Language} chosen */
async function changeLanguage(chosen) {
  try {
    await chooseLanguage(chosen);
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    document.querySelector('.not-changed')?.removeAttribute('hidden');
    return;
  }
  draw();
  document.getElementById('language')?.focus();
}

/** Asks for a key, or shows who is there; the screen is made anew for another caller. */
function signIn() {
  openSignIn(() => void start());
}

function offlineNote() {
  return h('p', { class: 'offline notice error', role: 'alert', hidden: navigator.onLine }, t('offline'));
}

function notChangedNote() {
  return h('p', { class: 'not-changed notice error', role: 'alert', hidden: true }, t('language.not_changed'));
}

function footer() {
  return h('footer', {}, h('p', {}, h('strong', {}, t('research')), ' ', t('footer')));
}

function draw() {
  if (page === null) return;
  fill(page, header(), offlineNote(), notChangedNote(), main, footer());
  void show();
}

/**
 * What is said when not even the words of the page came.
 * @param {HTMLElement} place
 */
function withoutWords(place) {
  fill(place, h('main', {}, h('h1', {}, 'Sepsis'), h('p', { lang: 'fr' }, 'La page n\'a pas pu être chargée\u00a0: le serveur ne répond pas.'), h('p', { lang: 'en' }, 'The page could not be loaded: the service does not answer.'),
    button('↻ Réessayer / Try again', () => void start(), { class: 'primary' })));
}

/** Fetches what every screen needs, then shows the one that the address names. */
async function start() {
  if (page === null) return;
  const vocabulary = loadVocabulary().catch((cause) => cause);
  const caller = askCaller();
  try {
    await loadCatalogue();
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    withoutWords(page);
    return;
  }
  await caller;
  try {
    const failure = await vocabulary;
    if (failure !== undefined) throw failure;
    draw();
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    fill(page, header(), main, footer());
    fill(main, refusalView(cause), button(t('retry'), () => void start(), { class: 'primary' }));
  }
}

for (const type of ['online', 'offline']) {
  addEventListener(type, () => document.querySelector('.offline')?.toggleAttribute('hidden', navigator.onLine));
}
/** A file that is let go beside where it is wanted must not take the place of the page and of all that was typed. */
for (const type of /** @type {const} */ (['dragover', 'drop'])) {
  addEventListener(type, (event) => {
    if (event.defaultPrevented || event.dataTransfer?.types.includes('Files') !== true) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'none';
  });
}
document.addEventListener('sign-in', signIn);
addEventListener('hashchange', () => void show().then(() => { scrollTo(0, 0); main.focus({ preventScroll: true }); }));
await start();
if (keyWanted()) signIn();
