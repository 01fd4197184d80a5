// Where an answer stands, in one word: decided here alone, for the answer, the ward and the record.

/** @typedef {'good' | 'limited' | 'indeterminate'} Level how far an answer can be relied on */
/** @typedef {'alert' | 'watch' | 'unjudged' | 'calm'} State */

/** Signs that do not rest on colour. */
export const signs = { alert: '▲', watch: '◆', unjudged: '?', calm: '○', error: '!', waiting: '…', warned: '⚠' };

/**
 * An answer that cannot be relied on never looks calm; an alert or a watch that it nevertheless gives stays, with the doubt beside it.
 * @param {{alert: boolean, prediction: string}} risk
 * @param {Level | null} level null when it is not known, as at an earlier hour
 * @returns {State}
 */
export function stateOf(risk, level) {
  if (risk.alert) return 'alert';
  if (risk.prediction === 'Positive') return 'watch';
  return doubtful(level) ? 'unjudged' : 'calm';
}

/** @param {Level | null} level */
export function doubtful(level) {
  return level === 'indeterminate';
}
