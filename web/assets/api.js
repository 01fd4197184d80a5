// How the page speaks with the service: what anybody can do with curl, and nothing else.

/** @typedef {import('../test/generated/api').components['schemas']} Schemas */
/** @typedef {Schemas['ProblemDetails']} Problems */

import { keep, recall } from './storage.js';

const keyName = 'api-key';
/** How long an answer is waited for, in milliseconds; longer than the service itself lets a patient wait. */
const patience = 30_000;
/** How long a batch may say nothing: the service makes a patient of it wait for up to 30 seconds. */
export const silence = 60_000;

/** An answer of the service that is not the one hoped for. Status 0: no answer came. */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {Partial<Problems>} problems
   */
  constructor(status, problems) {
    super(problems.detail ?? problems.title ?? String(status));
    this.status = status;
    this.problems = problems;
  }
}

/** The key of this tab; it is gone when the tab is closed. */
export function apiKey() {
  return recall('sessionStorage', keyName) ?? '';
}

/** @param {string} key */
export function setApiKey(key) {
  keep('sessionStorage', keyName, key === '' ? null : key);
}

/**
 * Sends a request and gives the answer, or throws a Refusal, also when it does not come in time.
 * @param {string} path
 * @param {{method?: string, body?: string, type?: string, accept?: string, signal?: AbortSignal, patience?: number, parts?: boolean}} [request] patience in milliseconds; parts: the answer comes by and by, and only its beginning must come in time
 * @returns {Promise<Response>}
 */
export async function send(path, request = {}) {
  /** @type {Record<string, string>} */
  const headers = { Accept: request.accept ?? 'application/json' };
  if (request.body !== undefined) headers['Content-Type'] = request.type ?? 'application/json';
  if (apiKey() !== '') headers.Authorization = `Bearer ${apiKey()}`;
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), request.patience ?? patience); // also while the answer is read
  let answer;
  try {
    const signal = AbortSignal.any([late.signal, ...(request.signal === undefined ? [] : [request.signal])]);
    answer = await fetch(path, { method: request.method ?? 'GET', headers, body: request.body ?? null, signal });
  } catch (cause) {
    if (request.signal?.aborted) throw cause;
    throw new Refusal(0, {});
  }
  if (answer.ok) {
    if (request.parts === true) clearTimeout(timer);
    return answer;
  }
  const problems = await answer.json().catch(() => ({}));
  throw new Refusal(answer.status, problems);
}

/**
 * A file of the page itself, or a Refusal.
 * @param {URL} address
 */
export async function asset(address) {
  const answer = await fetch(address, { signal: AbortSignal.timeout(patience) }).catch(() => { throw new Refusal(0, {}); });
  if (!answer.ok) throw new Refusal(answer.status, {});
  return answer;
}

/**
 * What a JSON file of the page itself holds, or a Refusal.
 * @param {URL} address
 */
export async function assetJSON(address) {
  return parsed(await textOf(await asset(address)));
}

/**
 * What a text of the service means. What is no JSON was not said by the service, but by what stands between it and the page, such as the
 * sign-in page of a network.
 * @param {string} text
 * @returns {any}
 */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(-1, {});
  }
}

/**
 * The text of an answer; one that is cut off is none.
 * @param {Response} answer
 */
function textOf(answer) {
  return answer.text().catch(() => { throw new Refusal(0, {}); });
}

/** @type {Promise<Record<string, unknown>> | null} */
let routes = null;

/**
 * Throws the Refusal of a route that this service does not have, without asking for it.
 * @param {string} path as in the OpenAPI document
 */
export async function expectRoute(path) {
  routes ??= get('/openapi.json').then((document) => document.paths);
  routes.catch(() => { routes = null; });
  if (!(path in await routes)) throw new Refusal(404, {});
}

/**
 * @param {string} path
 * @param {number} [patience] in milliseconds
 * @returns {Promise<any>}
 */
export async function get(path, patience) {
  return parsed(await textOf(await send(path, patience === undefined ? {} : { patience })));
}

/**
 * @param {string} path
 * @param {unknown} body
 * @returns {Promise<any>}
 */
export async function post(path, body) {
  const answer = await send(path, { method: 'POST', body: JSON.stringify(body) });
  const text = await textOf(answer);
  return text === '' ? null : parsed(text);
}

/**
 * The next part of an answer, or a Refusal when it breaks off or is silent for too long.
 * @param {ReadableStreamDefaultReader<Uint8Array>} reader
 */
async function nextPart(reader) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const silent = new Promise((_, reject) => { timer = setTimeout(reject, silence); });
  try {
    return /** @type {ReadableStreamReadResult<Uint8Array>} */ (await Promise.race([reader.read(), silent]));
  } catch {
    void reader.cancel().catch(() => {}); // nobody waits for the rest
    throw new Refusal(0, {});
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The lines of an NDJSON answer, each once it is whole: those that came before an answer is cut off are answers all the same. Then it
 * throws a Refusal, also after a silence.
 * @param {Response} answer
 * @returns {AsyncGenerator<any>}
 */
export async function* lines(answer) {
  const reader = answer.body?.getReader(); // a pipe to a decoder would lose what it holds when the answer breaks off
  if (reader === undefined) return;
  const decoder = new TextDecoder();
  for (let rest = ''; ;) {
    const { done, value } = await nextPart(reader);
    const whole = (rest + decoder.decode(value, { stream: !done })).split('\n');
    rest = done ? '' : whole.pop() ?? '';
    for (const line of whole) if (line.trim() !== '') yield parsed(line);
    if (done) return;
  }
}
