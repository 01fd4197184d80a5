// Tables as text: RFC 4180 (quotation marks, doubled ones within them, line breaks within them), with any of four characters
// between the cells.

/** What divides cells, the surest first: a comma may also divide decimals. */
const separators = ['\t', '|', ';', ','];

/**
 * The cells of a table, without blanks around them.
 * @param {string} text
 * @param {string} separator one of the four
 * @returns {string[][]} a row for each line, an empty one has one empty cell
 * @throws {SyntaxError} when a quotation mark is not closed, or something stands behind it
 */
export function parse(text, separator) {
  const end = `([\\${separator}]|\\r\\n?|\\n|$)`;
  const cell = new RegExp(` *"([^"]*(?:""[^"]*)*)" *${end}|([^\\${separator}\\r\\n]*)${end}`, 'y');
  /** @type {string[]} */
  let row = [];
  const rows = [row];
  for (;;) {
    const [, quoted, quotedEnd, bare = '', bareEnd] = cell.exec(text) ?? [];
    if (bare.trimStart().startsWith('"')) throw new SyntaxError(`line ${rows.length}: a quotation mark is not closed`);
    row.push((quoted?.replaceAll('""', '"') ?? bare).trim());
    const after = quotedEnd ?? bareEnd ?? '';
    if (after === '') return rows;
    if (after !== separator) rows.push(row = []);
  }
}

/**
 * What divides the cells of a file: what it says itself in a first line such as sep=;, else the surest that stands in its first line.
 * @param {string} text that begins with a line that is not blank
 * @returns {{separator: string, rest: string}} rest is the text behind what the file says
 */
export function separatorOf(text) {
  const stated = /^"?sep=([\t|;,])"?[ \t]*\r?\n/i.exec(text);
  if (stated?.[1] !== undefined) return { separator: stated[1], rest: text.slice(stated[0].length) };
  const first = (/^(?:[^"\r\n]+|"[^"]*")*/.exec(text)?.[0] ?? '').replace(/"[^"]*"/g, '');
  return { separator: separators.find((candidate) => first.includes(candidate)) ?? '\t', rest: text };
}

/**
 * What divides the cells of a table without heads: a tab, else what stands in every line. Never a comma, for 1,8 is a number.
 * @param {string} text
 */
export function separatorOfBlock(text) {
  const lines = text.split(/\r\n?|\n/).filter((line) => line.trim() !== '');
  if (text.includes('\t')) return '\t';
  return ['|', ';'].find((candidate) => lines.every((line) => line.includes(candidate))) ?? '\t';
}
