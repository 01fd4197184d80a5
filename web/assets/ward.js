// The ward: many stays, the one at most risk first, now or hour by hour as if they were there.
import { accessNotice } from './access.js';
import { courseWords, pointsOf, thresholdsOf } from './answer.js';
import { answerView, problemsOf } from './ward-detail.js';
import { Refusal, asset } from './api.js';
import { sparkline } from './chart.js';
import { button, fill, h, on } from './dom.js';
import { read, textOf } from './import.js';
import { coded, colon, count, number, percent, t } from './language.js';
import { Notices } from './notice.js';
import { refusalView } from './refusal.js';
import { requestOf } from './sheet.js';
import { snippets } from './snippet.js';
import { doubtful, signs } from './state.js';
import { hourOf, isOpen, pathOf, scoreAll, sorted, standing } from './ward-score.js';

/** @typedef {import('./ward-score.js').Stay} Stay */
/** @typedef {import('./ward-score.js').Standing} Standing */
/** @typedef {import('./ward-score.js').Order} Order */

/** Height of a row in pixels, as in the style sheet: only the rows in sight are in the page. */
const rowHeight = 44;
/** Rows below those in sight, for scrolling without gaps; above, the head would stand over them. */
const spare = 6;
/** Files read before the page may draw again. */
const readTogether = 10;
/** How long an hour lasts in the replay, in milliseconds. */
const pace = 700;
/** Hours of a sparkline. */
const sparkHours = 48;

const states = /** @type {const} */ (['alert', 'watch', 'unjudged', 'calm', 'error']);
const orders = /** @type {const} */ (['risk', 'change', 'hour', 'name']);

/** The ward outlives a visit to another screen, but not the tab: nothing of it is stored. */
const kept = {
  /** @type {Stay[]} */
  stays: [],
  notices: new Notices(),
  /** @type {number | null} */
  hour: null,
  /** @type {Order} */
  order: 'risk',
  search: '',
  state: '',
  level: '',
  /** @type {AbortController | null} what scores at present: it goes on while other screens are shown, and whoever draws the ward follows it */
  scoring: null,
  /** How often the ward was cleared: what was begun before is not taken any more. */
  cleared: 0,
  /** @type {Refusal | null} why the last scoring came to no end */
  failure: null,
  /** @type {{stays: Stay[], notices: Notices, hour: number | null} | null} the ward that was cleared, until another is taken */
  before: null,
};

/** @type {Ward | null} the ward as it was drawn last, which shows what comes */
let current = null;

export function wardScreen() {
  current = new Ward();
  current.follow();
  if (kept.stays.some(isOpen)) void score();
  return current.element;
}

/** Scores what is not scored yet. One at a time: it takes what is added meanwhile, and nothing is sent twice. */
async function score() {
  if (kept.scoring !== null) return;
  const scoring = new AbortController();
  Object.assign(kept, { scoring, failure: null });
  current?.follow();
  try {
    await scoreAll(kept.stays, () => current?.follow(), scoring.signal);
  } catch (cause) {
    if (scoring.signal.aborted) return;
    if (!(cause instanceof Refusal)) throw cause;
    kept.failure = cause;
  } finally {
    if (kept.scoring === scoring) kept.scoring = null;
  }
  current?.follow();
}

class Ward {
  constructor() {
    /** @type {Standing[]} */
    this.rows = [];
    /** @type {Map<Standing, HTMLElement>} the rows that were made since the list last changed */
    this.made = new Map();
    this.current = 0;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.timer = undefined;
    /** Whether something is being pressed: what is pressed must still be there when it is let go, or the click is lost. */
    this.pressed = false;
    this.late = false;
    /** Whether the open stay is still to be scored. */
    this.waits = false;
    this.access = accessNotice('predict');
    this.status = h('p', { role: 'status', class: 'muted', id: 'ward-status', tabindex: -1 });
    this.failure = h('div');
    this.notices = h('div', { class: 'notices', role: 'status' });
    this.summary = h('div', { class: 'row summary' });
    this.head = h('thead');
    this.body = h('tbody');
    this.table = h('table', { class: 'ward-table' }, h('caption', { class: 'hidden' }, t('ward.caption')), this.head, this.body);
    this.scroller = on(h('div', { class: 'ward-scroll', tabindex: 0, role: 'region', 'aria-label': t('ward.caption') }, this.table), {
      scroll: () => this.drawRows(), keydown: (event) => this.key(event),
    });
    this.detail = h('aside', { class: 'panel beside', 'aria-label': t('ward.detail'), tabindex: -1, hidden: true });
    this.slider = h('input', { type: 'range', id: 'replay-hour', min: 1, max: 1, 'aria-label': t('ward.hour') });
    this.player = button(t('ward.play'), () => this.play(), { id: 'replay-play' });
    this.now = h('span', { id: 'replay-now' });
    this.toEnd = button(t('ward.to_end'), () => { this.stop(); kept.hour = null; this.draw(); this.followDetail(); }, { id: 'replay-end', hidden: true });
    this.board = h('div', { class: 'board' }, this.filters(), this.makeReplay(), this.summary, h('div', { class: 'split' }, this.scroller, this.detail));
    this.element = h('div', { class: 'ward' }, h('h1', {}, t('nav.ward')), this.tools(), this.access, this.status, this.failure, this.notices, this.board);
    this.receiveDrops();
    this.waitWhilePressed();
    new ResizeObserver(() => this.drawRows()).observe(this.scroller);
  }

  /** Shows how far the scoring is, and what it found. */
  follow() {
    fill(this.failure, kept.failure !== null && refusalView(kept.failure), kept.failure !== null && button(t('retry'), () => this.retry(), { id: 'ward-retry' }));
    if (kept.stays.length > 0) this.tellProgress();
    else fill(this.status);
    this.draw();
    if (this.waits) this.followDetail();
  }

  /** The button goes with the failure; the focus goes to what is told instead. */
  retry() {
    this.status.focus();
    void score();
  }

  tools() {
    const picker = (/** @type {string} */ id, /** @type {import('./dom.js').Attributes} */ attributes) => {
      const input = h('input', { type: 'file', multiple: true, hidden: true, id, ...attributes });
      return on(input, { change: () => { void this.take([...(input.files ?? [])]); input.value = ''; } }); // the same file can be chosen again
    };
    const files = picker('ward-files', { accept: '.csv,.psv,.tsv,.txt,.json,.ndjson' });
    const folder = picker('ward-folder', { webkitdirectory: true });
    return h('div', { class: 'row tools' }, files, folder,
      button(t('ward.open_files'), () => files.click(), { id: 'open-files' }), button(t('ward.open_folder'), () => folder.click(), { id: 'open-folder' }),
      button(t('ward.example'), () => void this.example(), { id: 'ward-example' }), button(t('ward.clear'), () => this.clear(), { id: 'ward-clear' }),
      h('span', { class: 'muted help' }, t('ward.help')));
  }

  filters() {
    const search = on(h('input', { type: 'search', id: 'ward-search', value: kept.search, 'aria-label': t('ward.search'), placeholder: t('ward.search'), autocomplete: 'off' }), {
      input: () => { kept.search = search.value; this.draw(); },
    });
    const choice = (/** @type {string} */ id, /** @type {string} */ value, /** @type {string} */ all, /** @type {[string, string][]} */ options, /** @type {(value: string) => void} */ choose) => {
      const select = h('select', { id, 'aria-label': all }, h('option', { value: '' }, all), ...options.map(([code, words]) => h('option', { value: code, selected: code === value }, words)));
      return on(select, { change: () => { choose(select.value); this.draw(); } });
    };
    const levels = choice('ward-level', kept.level, t('ward.all_levels'), ['good', 'limited', 'indeterminate'].map((level) => [level, coded('level', level)]), (value) => { kept.level = value; });
    return h('div', { class: 'row filters no-print' }, search,
      choice('ward-state', kept.state, t('ward.all_states'), states.map((state) => [state, coded('state', state)]), (value) => { kept.state = value; }),
      levels,
      snippets(() => ({ method: 'POST', path: pathOf(kept.stays), type: 'application/x-ndjson', body: kept.stays.slice(0, 2).map((stay) => JSON.stringify(requestOf(stay.sheet).body)).join('\n') })));
  }

  receiveDrops() {
    on(this.element, {
      dragover: (event) => { event.preventDefault(); this.element.classList.add('dropping'); },
      dragleave: () => this.element.classList.remove('dropping'),
      drop: (event) => {
        event.preventDefault();
        this.element.classList.remove('dropping');
        const entries = [...(event.dataTransfer?.items ?? [])].map((item) => item.webkitGetAsEntry());
        const files = [...(event.dataTransfer?.files ?? [])];
        const { cleared } = kept;
        void (entries.some((entry) => entry?.isDirectory) ? filesBelow(entries) : Promise.resolve(files)).then((found) => this.take(found, { cleared }));
      },
    });
  }

  /** Puts off what is drawn between pressing and letting go. The slider is moved while it is pressed, and is never made anew. */
  waitWhilePressed() {
    const pressed = (/** @type {PointerEvent} */ event) => {
      this.pressed = event.target !== this.slider;
      const over = new AbortController();
      const released = () => {
        over.abort();
        this.pressed = false;
        setTimeout(() => { if (this.late) { this.draw(); this.followDetail(); } }); // after the click
      };
      for (const type of ['pointerup', 'pointercancel']) addEventListener(type, released, { signal: over.signal });
    };
    on(this.element, { pointerdown: pressed });
  }

  async example() {
    const { cleared } = kept;
    try {
      const answer = await asset(new URL('./example-ward.ndjson', import.meta.url));
      await this.take([new File([await answer.text()], 'example.ndjson')], { cleared, invented: true });
    } catch (cause) {
      if (!(cause instanceof Refusal)) throw cause;
      fill(this.failure, refusalView(cause));
    }
  }

  clear() {
    kept.scoring?.abort();
    const { stays, notices, hour } = kept;
    const before = stays.length > 0 ? { stays, notices, hour } : kept.before;
    Object.assign(kept, { stays: [], notices: new Notices(), hour: null, scoring: null, failure: null, cleared: kept.cleared + 1, before });
    this.stop();
    this.closeDetail();
    fill(this.failure);
    fill(this.status);
    this.draw();
  }

  /** Puts the ward back that was cleared. What was being asked for then is asked for again. */
  restore() {
    Object.assign(kept, kept.before, { before: null });
    this.follow();
    this.status.focus();
    if (kept.stays.some(isOpen)) void score();
  }

  /**
   * @param {File[]} files
   * @param {{invented?: boolean, cleared?: number}} [how] cleared: how often the ward had been cleared when the files were chosen
   */
  async take(files, { invented = false, cleared = kept.cleared } = {}) {
    if (files.length > 0) kept.before = null;
    for (let from = 0; from < files.length; from += readTogether) {
      const some = files.slice(from, from + readTogether);
      const texts = await Promise.all(some.map((file) => textOf(file).catch(() => null))); // a file may have been moved meanwhile
      if (cleared !== kept.cleared) return;
      some.forEach((file, index) => takeText(file.name, texts[index] ?? null, invented));
      fill(this.status, t('ward.reading', { n: number(Math.min(from + readTogether, files.length)), total: number(files.length) }));
      await painted();
    }
    if (cleared !== kept.cleared) return;
    current?.follow();
    await score();
  }

  tellProgress() {
    const done = kept.stays.filter((stay) => !isOpen(stay)).length;
    fill(this.status, done === kept.stays.length ? count('ward.done', done) : t('ward.scoring', { n: number(done), total: number(kept.stays.length) }));
  }

  /** Draws all that depends on the stays, the filters and the hour. */
  draw() {
    this.late = this.pressed;
    if (this.pressed) return;
    this.drawNotices();
    this.board.hidden = kept.stays.length === 0;
    if (kept.stays.length === 0 && this.status.textContent === '') fill(this.status, t('ward.empty'));
    const all = kept.stays.map((stay) => standing(stay, kept.hour));
    this.rows = sorted(all.filter((row) => this.passes(row)), kept.order);
    this.made.clear();
    this.current = Math.min(this.current, Math.max(0, this.rows.length - 1));
    this.drawSummary(all);
    this.drawReplay();
    this.drawHead();
    this.drawRows();
  }

  /** What is told already stays as it is: it is not read out again. */
  drawNotices() {
    const { before } = kept;
    const next = h('div', {}, ...kept.notices.view(), before !== null && h('div', { class: 'notice row undo' },
      h('p', {}, count('ward.cleared', before.stays.length)), button(t('ward.restore'), () => this.restore(), { id: 'ward-restore' })));
    if (next.textContent !== this.notices.textContent) this.notices.replaceChildren(...next.childNodes);
  }

  /** @param {Standing} row */
  passes(row) {
    return (kept.search === '' || row.stay.name.toLowerCase().includes(kept.search.toLowerCase()))
      && (kept.state === '' || row.state === kept.state)
      && (kept.level === '' || row.level === kept.level);
  }

  /** @param {Standing[]} all */
  drawSummary(all) {
    const present = all.filter((row) => !row.left);
    fill(this.summary, ...states.map((state) => {
      const n = present.filter((row) => row.state === state).length;
      return h('span', { class: `badge ${state}` }, h('span', { 'aria-hidden': 'true' }, `${signs[state]} `), `${coded('state', state)}${colon()}${number(n)}`);
    }), h('span', { class: 'muted' }, count('ward.shown', this.rows.length)));
  }

  /** What replays; made once. */
  makeReplay() {
    const go = (/** @type {number | null} */ hour) => { kept.hour = hour === null ? null : Math.min(Math.max(1, hour), lastHour()); this.draw(); this.followDetail(); };
    const now = () => kept.hour ?? lastHour();
    on(this.slider, { input: () => { kept.hour = Number(this.slider.value); this.stop(); this.draw(); this.followDetail(); } });
    return h('div', { class: 'row replay', role: 'group', 'aria-label': t('ward.replay') }, h('strong', {}, t('ward.replay')), this.player,
      button(t('ward.back'), () => go(now() - 1), { id: 'replay-back' }), this.slider, button(t('ward.forward'), () => go(now() + 1), { id: 'replay-forward' }), this.now, this.toEnd);
  }

  drawReplay() {
    const hour = kept.hour ?? lastHour();
    this.player.textContent = this.timer === undefined ? t('ward.play') : t('ward.pause');
    this.slider.max = String(lastHour());
    this.slider.value = String(hour);
    this.slider.setAttribute('aria-valuetext', t('ward.at', { h: number(hour) }));
    this.now.textContent = kept.hour === null ? t('ward.end') : t('ward.at', { h: number(hour) });
    this.toEnd.hidden = kept.hour === null;
  }

  play() {
    if (this.timer !== undefined) {
      this.stop();
      this.draw();
      return;
    }
    if (kept.hour === null || kept.hour >= lastHour()) kept.hour = 0;
    const step = () => {
      if (!this.element.isConnected || (kept.hour ?? 0) >= lastHour()) this.stop();
      else kept.hour = (kept.hour ?? 0) + 1;
      this.draw();
      this.followDetail();
    };
    this.timer = setInterval(step, pace);
    step();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  drawHead() {
    const column = (/** @type {Order | null} */ order, /** @type {string} */ words, /** @type {string} */ kind) => {
      const head = h('th', { scope: 'col', class: kind, 'aria-sort': order === kept.order ? (order === 'name' ? 'ascending' : 'descending') : null });
      head.append(order === null ? words : button(words + (order === kept.order ? ' ▾' : ''), () => { kept.order = order; this.draw(); document.getElementById(`order-${order}`)?.focus(); }, { class: 'quiet', id: `order-${order}` }));
      return head;
    };
    const focused = document.activeElement?.id ?? '';
    fill(this.head, h('tr', {}, column(null, t('ward.state'), 'state'), column('name', t('ward.stay'), 'stay-name'), column('risk', t('ward.risk'), 'number'),
      column(null, t('ward.course'), 'spark'), column('change', t('ward.change'), 'number change'), column('hour', t('ward.icu_hour'), 'number hour'), column(null, t('reliability.title'), 'level')));
    if (orders.some((order) => focused === `order-${order}`)) document.getElementById(focused)?.focus();
  }

  /** Puts the rows in sight into the page, and empty ones for the height of all others. */
  drawRows() {
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.stay : undefined;
    const from = Math.max(0, Math.floor(this.scroller.scrollTop / rowHeight));
    const to = Math.min(this.rows.length, Math.ceil((this.scroller.scrollTop + this.scroller.clientHeight) / rowHeight) + spare);
    this.table.setAttribute('aria-rowcount', String(this.rows.length + 1));
    fill(this.body, filler(from), ...this.rows.slice(from, to).map((row, index) => this.rowOnce(row, from + index)), filler(this.rows.length - to));
    if (focused !== undefined) this.focusRow(focused);
  }

  /**
   * @param {Standing} row
   * @param {number} index
   */
  rowOnce(row, index) {
    const made = this.made.get(row) ?? this.row(row, index);
    this.made.set(row, made);
    return made;
  }

  /**
   * @param {Standing} row
   * @param {number} index
   */
  row(row, index) {
    const { stay, moment } = row;
    const open = button(stay.name, () => { this.current = index; this.openDetail(stay); }, { class: 'quiet', 'data-stay': stay.name, title: stay.name });
    return h('tr', { class: `${row.state}${row.left ? ' left' : ''}`, 'aria-rowindex': index + 2 },
      h('td', { class: 'state' }, h('span', { class: `badge ${row.state}` }, `${signs[row.state]} ${coded('state', row.state)}`),
        row.state !== 'unjudged' && doubtful(row.level) && h('span', { class: 'badge unjudged', title: t('state.unjudged') }, signs.unjudged, h('span', { class: 'hidden' }, ` ${t('state.unjudged')}`)),
        warnedBadge(row.warnings.length + row.omitted)),
      h('th', { scope: 'row', class: 'stay-name' }, open),
      h('td', { class: 'number risk' }, moment === null ? '–' : percent(moment.probability)),
      h('td', { class: 'spark' }, stay.answer !== null && row.moments.length > 1 && spark(row.moments.slice(-sparkHours), thresholdsOf(stay.answer))),
      h('td', { class: 'number change' }, row.change === null ? '–' : changeWords(row.change)),
      h('td', { class: 'number hour' }, moment === null ? '–' : row.left ? t('ward.left', { h: number(hourOf(moment)) }) : number(hourOf(moment))),
      h('td', { class: 'level' }, row.level === null ? '–' : coded('level', row.level)));
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const page = Math.max(1, Math.floor(this.scroller.clientHeight / rowHeight) - 1);
    /** @type {Record<string, number>} */
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    const step = steps[event.key];
    if (step === undefined || this.rows.length === 0) return;
    event.preventDefault();
    const inRow = this.body.contains(document.activeElement);
    this.current = Math.min(Math.max(0, inRow ? this.current + step : this.current), this.rows.length - 1);
    this.reveal();
  }

  /** Scrolls the current row into sight and puts the focus on it. */
  reveal() {
    const top = this.current * rowHeight;
    const head = this.head.getBoundingClientRect().height;
    if (top < this.scroller.scrollTop) this.scroller.scrollTop = top;
    const bottom = top + rowHeight + head - this.scroller.clientHeight;
    if (bottom > this.scroller.scrollTop) this.scroller.scrollTop = bottom;
    this.drawRows();
    this.focusRow(this.rows[this.current]?.stay.name ?? '');
  }

  /** @param {string} name of a stay whose row is in sight */
  focusRow(name) {
    const target = this.body.querySelector(`[data-stay="${CSS.escape(name)}"]`);
    if (target instanceof HTMLElement) target.focus({ preventScroll: true });
  }

  /** @param {Stay} stay */
  openDetail(stay) {
    this.shown = stay;
    this.detail.hidden = false;
    fill(this.detail, h('div', { class: 'row' }, h('h2', {}, stay.name), button(t('close'), () => this.closeDetail(), { id: 'detail-close' })),
      this.detailOf(stay));
    this.detail.focus({ preventScroll: true });
    if (this.detail.getBoundingClientRect().top > innerHeight * 0.7) this.detail.scrollIntoView({ block: 'start' });
  }

  /** @param {Stay} stay */
  detailOf(stay) {
    this.waits = isOpen(stay);
    return stay.answer === null ? problemsOf(stay) : answerView(stay, kept.hour);
  }

  /** Draws the open stay anew, at another hour or with the answer that came; the focus stays, and the table of values as open as it was. */
  followDetail() {
    if (this.pressed || this.shown === undefined || this.detail.hidden) return;
    const focused = this.detail.contains(document.activeElement) ? document.activeElement : null;
    const open = this.detail.querySelector('details.data')?.hasAttribute('open') === true;
    this.detail.lastElementChild?.replaceWith(this.detailOf(this.shown));
    const values = this.detail.querySelector('details.data');
    values?.toggleAttribute('open', open);
    if (focused === null || focused.isConnected) return;
    const again = focused.tagName === 'SUMMARY' ? values?.querySelector('summary') : document.getElementById(focused.id);
    (again ?? this.detail).focus({ preventScroll: true });
  }

  closeDetail() {
    this.shown = undefined;
    this.detail.hidden = true;
    this.reveal();
  }
}

/**
 * The last hours, small, and in words for whom the drawing says nothing; the table of all hours stands in the stay's details.
 * @param {import('./ward-score.js').Moment[]} moments
 * @param {import('./chart.js').Thresholds} thresholds
 */
function spark(moments, thresholds) {
  const points = pointsOf(moments);
  return h('div', {}, sparkline(points, thresholds), h('span', { class: 'hidden' }, courseWords(points)));
}

/** @param {number} total of warnings, whose words stand in the stay's details */
function warnedBadge(total) {
  if (total === 0) return null;
  const words = count('warnings.title', total);
  return h('span', { class: 'badge warned', title: words }, h('span', { 'aria-hidden': 'true' }, `${signs.warned} ${number(total)}`), h('span', { class: 'hidden' }, words));
}

/** @param {number} change */
function changeWords(change) {
  const points = number(Math.abs(change) * 100, 1);
  return change > 0.0005 ? `↑ ${points}` : change < -0.0005 ? `↓ ${points}` : `→ ${number(0)}`;
}

/** @param {number} rows */
function filler(rows) {
  if (rows <= 0) return null;
  const cell = h('td', { colspan: 7 });
  cell.style.height = `${rows * rowHeight}px`;
  return h('tr', { class: 'filler', 'aria-hidden': 'true' }, cell);
}

/** The last hour of any stay. */
function lastHour() {
  let last = 1;
  for (const stay of kept.stays) {
    const moment = stay.answer?.trajectory?.at(-1);
    if (moment !== undefined) last = Math.max(last, hourOf(moment));
  }
  return last;
}

/**
 * @param {string} name
 * @param {string | null} text null when the file could not be read
 * @param {boolean} invented
 */
function takeText(name, text, invented) {
  try {
    if (text === null) throw new SyntaxError('there is no text');
    const found = read(name, text);
    kept.notices.add(found.notices, name);
    for (const { name: called, sheet } of found.stays) {
      const free = unused(called);
      if (free !== called) kept.notices.add([{ key: 'ward.twice' }], free);
      kept.stays.push({ name: free, sheet: { ...sheet, invented }, answer: null, problem: null });
    }
  } catch {
    kept.notices.add([{ key: 'import.unreadable', error: true }], name);
  }
}

/**
 * A name that no other stay has.
 * @param {string} name
 */
function unused(name) {
  let [candidate, n] = [name, 1];
  while (kept.stays.some((stay) => stay.name === candidate)) candidate = `${name} (${++n})`;
  return candidate;
}

/** Waits until the page was drawn. */
function painted() {
  return new Promise((resolve) => setTimeout(resolve));
}

/**
 * All files of folders that were dropped.
 * @param {(FileSystemEntry | null)[]} entries
 * @returns {Promise<File[]>}
 */
async function filesBelow(entries) {
  /** @type {File[]} */
  const files = [];
  for (const entry of entries) {
    if (entry instanceof FileSystemFileEntry) files.push(await new Promise((resolve) => entry.file(resolve, () => resolve(new File([], entry.name))))); // nothing can be read of it, and that is told
    if (entry instanceof FileSystemDirectoryEntry) files.push(...await filesBelow(await listing(entry)));
  }
  return files;
}

/**
 * What stands in a folder; the browser tells it in parts.
 * @param {FileSystemDirectoryEntry} folder
 */
async function listing(folder) {
  const reader = folder.createReader();
  /** @type {FileSystemEntry[]} */
  const all = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    all.push(...some);
  }
}
