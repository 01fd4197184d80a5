// The same request as curl, Python and Go: what the page asks, anybody's program can ask.
import { apiKey } from './api.js';
import { button, copied, fill, h } from './dom.js';
import { t } from './language.js';

/** @typedef {{method: string, path: string, body?: unknown, type?: string}} Call */

/** @type {Record<string, (call: Call, url: string, keyed: boolean) => string>} */
const writers = { curl, Python: python, Go: golang };

/**
 * A folded part of the page with a call in three languages. The call is asked for when the part is opened.
 * @param {() => Call} ask
 */
export function snippets(ask) {
  const code = h('code');
  const shown = h('pre', { tabindex: 0 }, code);
  const choice = h('div', { class: 'choice', role: 'group', 'aria-label': t('code.language') });
  const status = h('span', { role: 'status', class: 'muted' });
  const show = (/** @type {string} */ name) => {
    const call = ask();
    code.textContent = writers[name]?.(call, new URL(call.path, location.href).href, apiKey() !== '') ?? '';
    for (const option of choice.children) option.setAttribute('aria-pressed', String(option.textContent === name));
    status.textContent = '';
  };
  fill(choice, ...Object.keys(writers).map((name) => button(name, () => show(name))));
  const copy = button(t('code.copy'), async () => {
    status.textContent = await copied(code.textContent ?? '') ? t('code.copied') : t('code.not_copied');
  });
  const details = h('details', { class: 'snippets no-print' }, h('summary', {}, t('code.title')), h('div', { class: 'row' }, choice, copy, status), shown);
  details.addEventListener('toggle', () => details.open && show('curl'));
  return details;
}

/** @param {Call} call */
function bodyText(call) {
  return typeof call.body === 'string' ? call.body : JSON.stringify(call.body, null, 2);
}

/** @type {(call: Call, url: string, keyed: boolean) => string} */
function curl(call, url, keyed) {
  const lines = [`curl ${call.method === 'GET' ? '' : `-X ${call.method} `}'${url}'`];
  if (keyed) lines.push(`-H "Authorization: Bearer $SEPSIS_API_KEY"`);
  if (call.body !== undefined) {
    lines.push(`-H 'Content-Type: ${call.type ?? 'application/json'}'`, `--data-binary '${bodyText(call).replaceAll("'", `'\\''`)}'`);
  }
  return lines.join(' \\\n  ');
}

/** @type {(call: Call, url: string, keyed: boolean) => string} */
function python(call, url, keyed) {
  const headers = [
    ...(call.body === undefined ? [] : [`"Content-Type": "${call.type ?? 'application/json'}"`]),
    ...(keyed ? ['"Authorization": "Bearer " + os.environ["SEPSIS_API_KEY"]'] : []),
  ];
  return [
    `import json${keyed ? ', os' : ''}, urllib.request`, '',
    ...(call.body === undefined ? [] : [`body = r"""${bodyText(call)}"""`, '']),
    'request = urllib.request.Request(', `    "${url}", method="${call.method}",`,
    `    headers={${headers.join(', ')}},${call.body === undefined ? '' : ' data=body.encode(),'}`, ')',
    'with urllib.request.urlopen(request) as answer:',
    call.type === 'application/x-ndjson' ? '    for line in answer:\n        print(json.loads(line))' : '    print(json.load(answer))',
  ].join('\n');
}

/**
 * A text as Go reads it: raw, so that people can read it, too, but for the backticks that would end it.
 * @param {string} text
 */
function goText(text) {
  return `\`${text.replaceAll('`', '` + "`" + `')}\``;
}

/** @type {(call: Call, url: string, keyed: boolean) => string} */
function golang(call, url, keyed) {
  const imports = ['fmt', 'io', 'log', 'net/http', ...(keyed ? ['os'] : []), ...(call.body === undefined ? [] : ['strings'])];
  return [
    'package main', '', 'import (', ...imports.map((name) => `\t"${name}"`), ')', '', 'func main() {',
    ...(call.body === undefined ? [] : [`\tbody := strings.NewReader(${goText(bodyText(call))})`]),
    `\trequest, err := http.NewRequest("${call.method}", "${url}", ${call.body === undefined ? 'nil' : 'body'})`,
    '\tif err != nil {', '\t\tlog.Fatal(err)', '\t}',
    ...(call.body === undefined ? [] : [`\trequest.Header.Set("Content-Type", "${call.type ?? 'application/json'}")`]),
    ...(keyed ? ['\trequest.Header.Set("Authorization", "Bearer "+os.Getenv("SEPSIS_API_KEY"))'] : []),
    '\tanswer, err := http.DefaultClient.Do(request)', '\tif err != nil {', '\t\tlog.Fatal(err)', '\t}', '\tdefer answer.Body.Close()',
    '\tread, err := io.ReadAll(answer.Body)', '\tif err != nil {', '\t\tlog.Fatal(err)', '\t}', '\tfmt.Println(answer.Status, string(read))', '}',
  ].join('\n');
}
