// Asks before the page goes, and with it what was typed and stands nowhere else: nothing of patients is stored in the browser.

/** @param {BeforeUnloadEvent} event */
function ask(event) {
  event.preventDefault();
}

/**
 * Tells whether something would be lost. A browser listens only while it would: some do not keep a page for "back" that may ask.
 * @param {boolean} would
 */
export function wouldLose(would) {
  if (would) addEventListener('beforeunload', ask);
  else removeEventListener('beforeunload', ask);
}
