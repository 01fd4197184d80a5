// The API: what the page itself is made of, for those who write programs.
import { get } from './api.js';
import { h } from './dom.js';
import { t } from './language.js';
import { snippets } from './snippet.js';

/** @typedef {{summary?: string, requestBody?: {content: Record<string, {examples?: Record<string, {value: unknown}>}>}}} Operation */

export async function apiScreen() {
  const document = await get('/openapi.json');
  /** @type {[string, Record<string, Operation>][]} */
  const paths = Object.entries(document.paths);
  const operations = paths.flatMap(([path, item]) => Object.entries(item).filter(([method]) => ['get', 'post', 'put', 'delete'].includes(method)).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })));
  operations.sort((a, b) => b.method.localeCompare(a.method) || a.path.localeCompare(b.path));
  return h('div', { class: 'api' }, h('h1', {}, t('api.title', { version: document.info.version })), h('p', {}, t('api.note')),
    h('p', { class: 'row' }, h('a', { href: '/docs', class: 'as-button' }, t('api.docs')), h('a', { href: '/openapi.json', class: 'as-button' }, 'OpenAPI 3.1')),
    h('p', { class: 'muted' }, t('api.key')),
    ...operations.map(({ path, method, operation }) => h('section', { class: 'card operation' }, h('h2', {}, h('code', {}, `${method} ${path}`)), h('p', { lang: 'en' }, operation.summary ?? ''),
      snippets(() => callOf(path, method, operation)))));
}

/**
 * @param {string} path
 * @param {string} method
 * @param {Operation} operation
 * @returns {import('./snippet.js').Call}
 */
function callOf(path, method, operation) {
  const type = Object.keys(operation.requestBody?.content ?? {})[0];
  if (type === undefined) return { method, path };
  const example = Object.values(operation.requestBody?.content[type]?.examples ?? {})[0]?.value ?? (path.endsWith('/patients') ? [{ age: 67, heart_rate: 118 }] : {});
  return { method, path, type, body: example };
}
