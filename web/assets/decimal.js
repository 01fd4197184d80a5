// Which sign divides the decimals of a table: its own numbers tell, and not the language of the page.
import { canonical, language } from './language.js';

/** A number with one sign in it: decimals, or a group of thousands. */
const signed = /^[-+\u2212]?\d*([.,])\d+$/;
/** Such as 1,200 and 12.345: both readings are possible. */
const groupLike = /^[-+\u2212]?[1-9]\d{0,2}[.,]\d{3}$/;

/**
 * Gives what makes the numbers of a table canonical. A number that may be two, as 1,200 among points, keeps its sign and gets a question
 * mark behind it, so that it is seen and the service refuses it.
 * @param {string[]} cells all of the table
 * @param {string} separator between its cells
 * @returns {(cell: string) => string}
 */
export function decimalsOf(cells, separator) {
  const numbers = cells.filter((cell) => signed.test(cell));
  const points = numbers.some((cell) => cell.includes('.'));
  const clearCommas = numbers.some((cell) => cell.includes(',') && !groupLike.test(cell));
  const commaDivides = !points && (clearCommas || (separator !== ',' && language() === 'fr'));
  return (cell) => {
    const doubtful = groupLike.test(cell) && (cell.includes(',') ? !commaDivides : clearCommas);
    return doubtful ? `${cell} (?)` : canonical(cell, true);
  };
}
