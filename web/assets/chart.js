// The page's charts: small SVG drawings, each with the table that it was drawn from. Colours are the style sheet's.
import { fill, h, on, svg } from './dom.js';
import { amount, fixed, formatPercent, number, percent, t } from './language.js';
import { signs } from './state.js';

/** @typedef {{x: number, y: number}} Point */
/** @typedef {{name: string, label: string, unit: string, points: Point[]}} Lane */
/** @typedef {{hour: number, probability: number, alert: boolean, level: import('./state.js').Level | null}} Moment the level is not known in answers that are older than it */
/** @typedef {{watch: number, alert: number}} Thresholds */

/** Risks are shown on a logarithmic scale from 0.1 % to 100 %: both thresholds lie below 10 %. */
const lowestRisk = 0.001;

/** @param {number} probability */
function riskFraction(probability) {
  return Math.log10(Math.max(probability, lowestRisk) / lowestRisk) / Math.log10(1 / lowestRisk);
}

/**
 * A chart with its description and the table behind it. It is drawn anew when its width changes, so that letters keep their size.
 * @param {string} title
 * @param {(width: number) => Element} draw
 * @param {HTMLTableElement | (() => HTMLTableElement)} [behind] one that may be long is made when it is opened
 */
export function figure(title, draw, behind) {
  const frame = h('div', { class: 'drawing' });
  const redraw = (/** @type {number} */ width) => {
    const letters = lettersScale();
    const drawing = draw(Math.max(width / letters, 280));
    for (const side of ['width', 'height']) drawing.setAttribute(side, String(Number(drawing.getAttribute(side)) * letters));
    drawing.setAttribute('role', 'img');
    drawing.setAttribute('aria-label', title);
    fill(frame, drawing);
  };
  redraw(Math.min(600, document.documentElement.clientWidth - 48));
  new ResizeObserver(([entry]) => {
    if (entry !== undefined && entry.contentRect.width > 0) redraw(Math.floor(entry.contentRect.width));
  }).observe(frame);
  return h('figure', { class: 'chart' }, frame, behind && folded(title, behind));
}

/**
 * The table behind a chart, folded.
 * @param {string} title
 * @param {HTMLTableElement | (() => HTMLTableElement)} behind
 */
function folded(title, behind) {
  const place = h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': title });
  const details = h('details', { class: 'data' }, h('summary', {}, t('chart.table')), place);
  if (typeof behind !== 'function') {
    fill(place, behind);
    return details;
  }
  return on(details, { toggle: () => { if (details.open && place.childElementCount === 0) fill(place, behind()); } });
}

/** How much larger than at a desk letters are, as on a wall. */
function lettersScale() {
  return Math.max(1, parseFloat(getComputedStyle(document.documentElement).fontSize) / 16);
}

/**
 * @param {string} caption
 * @param {string[]} heads
 * @param {(string | Node)[][]} rows
 */
export function table(caption, heads, rows) {
  return h('table', {},
    h('caption', {}, caption),
    h('thead', {}, h('tr', {}, ...heads.map((head) => h('th', { scope: 'col' }, head)))),
    h('tbody', {}, ...rows.map(([first, ...rest]) => h('tr', {}, h('th', { scope: 'row' }, first), ...rest.map((cell) => h('td', {}, cell))))));
}

/**
 * @param {number} width
 * @param {number} height
 * @param {string} kind
 * @param {...import('./dom.js').Child} marks
 */
function canvas(width, height, kind, ...marks) {
  return svg('svg', { viewBox: `0 0 ${width} ${height}`, width, height, class: kind }, ...marks);
}

const riskTicks = [0.001, 0.01, 0.1, 1];

/**
 * The risk on a scale with both thresholds.
 * @param {number} width
 * @param {number} probability
 * @param {Thresholds} thresholds
 */
export function riskScale(width, probability, thresholds) {
  const x = (/** @type {number} */ p) => 6 + riskFraction(p) * (width - 12);
  const bar = (/** @type {number} */ from, /** @type {number} */ to, /** @type {string} */ band) =>
    svg('rect', { x: x(from), y: 32, width: x(to) - x(from), height: 14, class: `band ${band}` });
  const mark = (/** @type {number} */ p, /** @type {string} */ label, /** @type {string} */ anchor) => [
    svg('line', { x1: x(p), x2: x(p), y1: 28, y2: 72, class: 'threshold' }),
    svg('text', { x: x(p) + (anchor === 'end' ? -5 : 5), y: 80, 'text-anchor': anchor, class: 'label' }, label),
  ];
  return canvas(width, 86, 'risk-scale',
    bar(lowestRisk, thresholds.watch, 'low'), bar(thresholds.watch, thresholds.alert, 'elevated'), bar(thresholds.alert, 1, 'high'),
    ...riskTicks.map((p, index) => svg('text', { x: x(p), y: 61, 'text-anchor': ['start', 'middle', 'middle', 'end'][index], class: 'tick' }, tickOf(p))),
    ...mark(thresholds.watch, t('chart.watch', { p: percent(thresholds.watch) }), 'end'),
    ...mark(thresholds.alert, t('chart.alert', { p: percent(thresholds.alert) }), 'start'),
    svg('path', { d: `M${x(probability)} 32 l-8 -13 h16 z`, class: 'pointer' }),
    svg('text', { x: Math.min(Math.max(x(probability), 24), width - 24), y: 14, 'text-anchor': 'middle', class: 'value' }, percent(probability)));
}

/** @param {number} p */
function tickOf(p) {
  return formatPercent(p, p < 0.01 ? 1 : 0);
}

/**
 * The course of risk over the hours, with measurements underneath on the same hours.
 * @param {number} width
 * @param {Moment[]} moments
 * @param {Thresholds} thresholds
 * @param {Lane[]} lanes
 */
export function course(width, moments, thresholds, lanes) {
  const unjudged = moments.some((moment) => moment.level === 'indeterminate');
  const [left, right, plot, laneHeight, gap] = [width < 480 ? 92 : 132, 52, 124, 36, 8];
  const riskHeight = plot + (unjudged ? 52 : 36);
  const hours = [...moments.map((moment) => moment.hour), ...lanes.flatMap((lane) => lane.points.map((point) => point.x))];
  const [first, last] = [Math.min(...hours), Math.max(...hours)];
  const x = (/** @type {number} */ hour) => left + (last === first ? 0.5 : (hour - first) / (last - first)) * (width - left - right);
  const y = (/** @type {number} */ p) => 10 + (1 - riskFraction(p)) * plot;
  const height = riskHeight + lanes.length * (laneHeight + gap) + 26;
  return canvas(width, height, 'course',
    svg('rect', { x: left, width: width - left - right, y: y(1), height: y(thresholds.alert) - y(1), class: 'band high' }),
    svg('rect', { x: left, width: width - left - right, y: y(thresholds.alert), height: y(thresholds.watch) - y(thresholds.alert), class: 'band elevated' }),
    ...riskTicks.flatMap((p) => [
      svg('line', { x1: left, x2: width - right, y1: y(p), y2: y(p), class: 'grid' }),
      svg('text', { x: left - 6, y: y(p) + 4, 'text-anchor': 'end', class: 'tick' }, tickOf(p)),
    ]),
    ...thresholdMarks(thresholds, y, left, width - right),
    ...line(moments.map((moment) => ({ x: x(moment.hour), y: y(moment.probability) })), 'risk'),
    ...strip(moments.filter((moment) => moment.alert), 'alerting', x, plot + 23, (width - left - right) / Math.max(last - first, 1)),
    moments.some((moment) => moment.alert) && svg('text', { x: left - 12, y: plot + 29, 'text-anchor': 'end', class: 'alert-label' }, t('state.alert')),
    ...strip(moments.filter((moment) => moment.level === 'indeterminate'), 'doubted', x, plot + 39, (width - left - right) / Math.max(last - first, 1)),
    unjudged && svg('text', { x: left - 12, y: plot + 45, 'text-anchor': 'end', class: 'tick' }, t('level.indeterminate')),
    ...lanes.flatMap((lane, index) => laneMarks(lane, riskHeight + index * (laneHeight + gap), { x, width, left, right, laneHeight })),
    ...hourTicks(first, last, (width - left - right) / hourWidth).map((hour) => svg('text', { x: x(hour), y: height - 8, 'text-anchor': 'middle', class: 'tick' }, t('chart.hour', { h: number(hour, 0) }))));
}

/**
 * The thresholds as lines with their signs, for those who do not tell the colours of the bands apart.
 * @param {Thresholds} thresholds
 * @param {(probability: number) => number} y
 * @param {number} left
 * @param {number} right
 */
function thresholdMarks(thresholds, y, left, right) {
  return /** @type {const} */ (['watch', 'alert']).flatMap((state) => [
    svg('line', { x1: left, x2: right, y1: y(thresholds[state]), y2: y(thresholds[state]), class: 'threshold' }),
    svg('text', { x: right + 6, y: y(thresholds[state]) + 4, class: 'tick' }, `${signs[state]} ${percent(thresholds[state])}`),
  ]);
}

/**
 * Hours as a strip below the course.
 * @param {Moment[]} moments
 * @param {'alerting' | 'doubted'} kind whether the alert was on, or the answer could not be relied on
 * @param {(hour: number) => number} x
 * @param {number} top
 * @param {number} step the width of an hour
 */
function strip(moments, kind, x, top, step) {
  const wide = Math.min(Math.max(step, 2), 14);
  return moments.map((moment) => svg('rect', { x: x(moment.hour) - wide / 2, y: top, width: wide, height: 5, class: kind }));
}

/**
 * @param {Lane} lane
 * @param {number} top
 * @param {{x: (hour: number) => number, width: number, left: number, right: number, laneHeight: number}} frame
 */
function laneMarks(lane, top, { x, width, left, right, laneHeight }) {
  const values = lane.points.map((point) => point.y);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const y = (/** @type {number} */ value) => top + laneHeight - 5 - (high === low ? 0.5 : (value - low) / (high - low)) * (laneHeight - 10);
  const latest = lane.points.at(-1);
  return [
    svg('line', { x1: left, x2: width - right, y1: top + laneHeight, y2: top + laneHeight, class: 'grid' }),
    svg('text', { x: left - 6, y: top + 15, 'text-anchor': 'end', class: 'lane' }, lane.label),
    svg('text', { x: left - 6, y: top + 29, 'text-anchor': 'end', class: 'tick' }, lane.unit),
    ...line(lane.points.map((point) => ({ x: x(point.x), y: y(point.y) })), 'measured'),
    latest === undefined ? svg('g') : svg('text', { x: x(latest.x) + 6, y: y(latest.y) + 4, class: 'latest' }, amount(latest.y)),
  ];
}

/** Width of the word of an hour, at most, with room beside it, in pixels. */
const hourWidth = 44;

/**
 * @param {number} first
 * @param {number} last
 * @param {number} room how many words have room beside each other
 */
function hourTicks(first, last, room) {
  const most = Math.min(8, Math.max(1, room - 1));
  const step = [1, 2, 4, 6, 12, 24, 48, 96, 192, 768].find((candidate) => (last - first) / candidate <= most) ?? 1536;
  const ticks = [];
  for (let hour = Math.ceil(first / step) * step; hour <= last; hour += step) ticks.push(hour);
  return ticks.length === 0 ? [first] : ticks;
}

/**
 * A line through points, with a dot on each where they are few.
 * @param {Point[]} points
 * @param {string} kind
 */
function line(points, kind) {
  const path = points.map((point, index) => `${index === 0 ? 'M' : 'L'}${point.x.toFixed(1)} ${point.y.toFixed(1)}`).join('');
  const dots = points.length > 60 ? points.slice(-1) : points;
  return [svg('path', { d: path, class: `line ${kind}` }), ...dots.map((point) => svg('circle', { cx: point.x, cy: point.y, r: 2.6, class: `dot ${kind}` }))];
}

/**
 * The last hours of a course, small.
 * @param {Moment[]} moments
 * @param {Thresholds} thresholds
 */
export function sparkline(moments, thresholds) {
  const [width, height] = [120, 28];
  const first = moments[0]?.hour ?? 0;
  const span = Math.max((moments.at(-1)?.hour ?? 0) - first, 1);
  const y = (/** @type {number} */ p) => 2 + (1 - riskFraction(p)) * (height - 4);
  const points = moments.map((moment) => ({ x: 3 + ((moment.hour - first) / span) * (width - 6), y: y(moment.probability) }));
  const path = points.map((point, index) => `${index === 0 ? 'M' : 'L'}${point.x.toFixed(1)} ${point.y.toFixed(1)}`).join('');
  const end = points.at(-1);
  const drawing = canvas(width, height, 'sparkline',
    svg('rect', { x: 0, width, y: 0, height: y(thresholds.alert), class: 'band high' }),
    svg('line', { x1: 0, x2: width, y1: y(thresholds.watch), y2: y(thresholds.watch), class: 'threshold' }),
    svg('path', { d: path, class: 'line risk' }),
    end === undefined ? null : svg('circle', { cx: end.x, cy: end.y, r: 2.6, class: 'dot risk' }));
  drawing.setAttribute('aria-hidden', 'true');
  return drawing;
}

/**
 * A bar that raises to the right of zero, and lowers to the left.
 * @param {number} value
 * @param {number} largest the greatest size among the bars that stand below each other
 */
export function signedBar(value, largest) {
  const [width, height, middle] = [160, 18, 80];
  const length = Math.max((Math.abs(value) / largest) * (middle - 2), 1.5);
  const drawing = canvas(width, height, 'signed-bar',
    svg('rect', { x: value > 0 ? middle : middle - length, y: 2, width: length, height: height - 4, class: value > 0 ? 'raises' : 'lowers' }),
    svg('line', { x1: middle, x2: middle, y1: 0, y2: height, class: 'axis' }));
  drawing.setAttribute('aria-hidden', 'true');
  return drawing;
}

/** @param {number} value */
export function signed(value) {
  return (value > 0 ? '+' : value < 0 ? '−' : '') + fixed(Math.abs(value), 2);
}

/** @typedef {{label: string, value: number, low: number, high: number}} Interval */

/** Width of a letter of a label, at most, in pixels. */
const letter = 6.9;

/**
 * Estimates with their intervals, on one scale. Labels that are long for the width stand above their line.
 * @param {number} width
 * @param {Interval[]} estimates
 * @param {number} from
 * @param {number} to
 * @param {number} [digits] of the values
 */
export function intervals(width, estimates, from, to, digits = 3) {
  const longest = Math.max(0, ...estimates.map((estimate) => estimate.label.length)) * letter + 10;
  const above = longest > width * 0.4;
  const [left, row] = above ? [6, 42] : [Math.max(longest, 60), 28];
  const x = (/** @type {number} */ value) => left + ((Math.min(Math.max(value, from), to) - from) / (to - from)) * (width - left - 60);
  const height = estimates.length * row + 26;
  const ticks = [from, (from + to) / 2, to];
  return canvas(width, height, 'intervals',
    ...ticks.flatMap((tick, index) => [
      svg('line', { x1: x(tick), x2: x(tick), y1: 0, y2: height - 20, class: 'grid' }),
      svg('text', { x: x(tick), y: height - 6, 'text-anchor': above && index === 0 ? 'start' : 'middle', class: 'tick' }, number(tick, 2)),
    ]),
    ...estimates.flatMap((interval, index) => {
      const y = index * row + (above ? 28 : 14);
      return [
        svg('text', { x: 0, y: above ? y - 14 : y + 4, class: 'lane' }, interval.label),
        svg('line', { x1: x(interval.low), x2: x(interval.high), y1: y, y2: y, class: 'whisker' }),
        svg('circle', { cx: x(interval.value), cy: y, r: 4.5, class: 'dot risk' }),
        svg('text', { x: width, y: y + 4, 'text-anchor': 'end', class: 'value' }, fixed(interval.value, digits)),
      ];
    }));
}
