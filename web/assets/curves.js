// Charts of an evaluation: points and lines on two axes.
import { svg } from './dom.js';

/** @typedef {{of: (value: number) => number, ticks: number[], words: (tick: number) => string, label: string}} Axis of gives 0 to 1 */
/** @typedef {{x: (value: number) => number, y: (value: number) => number}} Plane */

const [left, right, top, bottom] = [58, 14, 12, 46];

/**
 * @param {number} from above 0
 * @param {number} to
 * @returns {(value: number) => number}
 */
export function logarithmic(from, to) {
  return (value) => Math.log(Math.max(value, from) / from) / Math.log(to / from);
}

/**
 * @param {number} from
 * @param {number} to
 * @returns {(value: number) => number}
 */
export function linear(from, to) {
  return (value) => (Math.min(Math.max(value, from), to) - from) / (to - from);
}

/**
 * @param {number} width
 * @param {number} height
 * @param {Axis} across
 * @param {Axis} up
 * @param {(plane: Plane) => (SVGElement | null)[]} marks
 */
export function plane(width, height, across, up, marks) {
  const x = (/** @type {number} */ value) => left + across.of(value) * (width - left - right);
  const y = (/** @type {number} */ value) => height - bottom - up.of(value) * (height - top - bottom);
  return svg('svg', { viewBox: `0 0 ${width} ${height}`, width, height, class: 'plane' },
    ...up.ticks.flatMap((tick) => [
      svg('line', { x1: left, x2: width - right, y1: y(tick), y2: y(tick), class: 'grid' }),
      svg('text', { x: left - 6, y: y(tick) + 4, 'text-anchor': 'end', class: 'tick' }, up.words(tick)),
    ]),
    ...across.ticks.flatMap((tick) => [
      svg('line', { x1: x(tick), x2: x(tick), y1: top, y2: height - bottom, class: 'grid' }),
      svg('text', { x: x(tick), y: height - bottom + 16, 'text-anchor': 'middle', class: 'tick' }, across.words(tick)),
    ]),
    svg('text', { x: (left + width - right) / 2, y: height - 8, 'text-anchor': 'middle', class: 'axis-label' }, across.label),
    svg('text', { x: 0, y: 0, transform: `translate(13 ${(top + height - bottom) / 2}) rotate(-90)`, 'text-anchor': 'middle', class: 'axis-label' }, up.label),
    ...marks({ x, y }));
}

/**
 * @param {Plane} plane
 * @param {{x: number, y: number}[]} points
 * @param {string} kind
 */
export function path({ x, y }, points, kind) {
  const d = points.map((point, index) => `${index === 0 ? 'M' : 'L'}${x(point.x).toFixed(1)} ${y(point.y).toFixed(1)}`).join('');
  return svg('path', { d, class: `line ${kind}` });
}

/**
 * The space between two lines, such as an interval.
 * @param {Plane} plane
 * @param {{x: number, low: number, high: number}[]} points
 */
export function ribbon({ x, y }, points) {
  const high = points.map((point) => `${x(point.x).toFixed(1)} ${y(point.high).toFixed(1)}`);
  const low = points.toReversed().map((point) => `${x(point.x).toFixed(1)} ${y(point.low).toFixed(1)}`);
  return svg('path', { d: `M${[...high, ...low].join('L')}Z`, class: 'ribbon' });
}

/**
 * A point with its interval.
 * @param {Plane} plane
 * @param {{x: number, value: number, low: number, high: number}} point
 */
export function estimate({ x, y }, point) {
  return [
    svg('line', { x1: x(point.x), x2: x(point.x), y1: y(point.low), y2: y(point.high), class: 'whisker' }),
    svg('circle', { cx: x(point.x), cy: y(point.value), r: 4, class: 'dot risk' }),
  ];
}
