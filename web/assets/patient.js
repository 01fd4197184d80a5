// One patient: the form, the examples, what is pasted and dropped, the prediction, and what-if.
import { accessNotice } from './access.js';
import { answerView, badge, whereOf } from './answer.js';
import { Refusal, assetJSON, post } from './api.js';
import { button, copied, fill, h, on } from './dom.js';
import { Form, narrow } from './form.js';
import { block, hasHeads, isProse, read, saysNothing, sheetOf, textOf } from './import.js';
import { canonical, coded, count, language, localised, number, percent, t } from './language.js';
import { hoursOf, measuredOf } from './measured.js';
import { Notices, wordsOf } from './notice.js';
import { problemList, refusalTitle, refusalView } from './refusal.js';
import { columnAt, emptySheet, fateOf, inspected, isBlank, mark, placeKey, placeOf, rangeOf, requestOf, shown, unitOfHint } from './sheet.js';
import { snippets } from './snippet.js';
import { signs } from './state.js';
import { wouldLose } from './unsaved.js';
import { labelOf, stayField, symbolOf, variableNamed, variables } from './vocabulary.js';

/** @typedef {import('./sheet.js').Sheet} Sheet */
/** @typedef {import('./sheet.js').Issue} Issue */
/** @typedef {import('./sheet.js').Request} Request */
/** @typedef {import('./api.js').Schemas} Schemas */
/** @typedef {Schemas['Answer']} Answer */
/** @typedef {{refusal: Refusal, request: Request, changed: boolean}} Refused changed: whether the form has changed since it was asked */
/** @typedef {{name: string, cell: import('./sheet.js').Cell, outcome: Answer | Refusal | 'asking' | null}} Supposed another value of a variable, and what was answered to it */
/** @typedef {import('./notice.js').Notice} Notice */
/** @typedef {Pick<typeof kept, 'sheet' | 'edited' | 'answered' | 'stale' | 'refused' | 'example'> & {before: Before | null}} Entered the form with what is known of it */
/** @typedef {{entered: Entered, told: Notice[], since: boolean}} Before what can be put back, why, and whether something was typed since */

const path = '/predict/patient?trajectory=true';

/** So many things that were taken from the form can be put back, one after the other. */
const mostBefore = 10;

/** What stands in the form outlives a visit to another screen, but not the tab: nothing of it is stored. */
const kept = {
  sheet: emptySheet(),
  /** @type {Map<string, Issue[]>} */
  issues: new Map(),
  /** @type {import('./vocabulary.js').UnitSystem} */
  system: 'own',
  /** @type {Map<string, string>} the unit of each row of the form, by variable */
  units: new Map(),
  /** @type {{answer: Answer, sheet: Sheet} | null} the sheet as it was asked for */
  answered: null,
  stale: false,
  /** @type {Supposed | null} what is supposed beside the answer */
  supposed: null,
  /** @type {Refused | null} why there is no answer to what was asked last */
  refused: null,
  /** @type {{request: Request, sheet: Sheet, changed: boolean} | null} what is being asked, and whether the form has changed since: one at a time */
  asking: null,
  example: '',
  /** Whether something was typed or pasted since the form was opened or cleared: that stands nowhere else. */
  edited: false,
  /** What was done to the form and what was not, until the next thing is. */
  told: new Notices(),
  /** @type {Before | null} what was taken from the form last, until the form as it is now is asked for */
  before: null,
};

/** @type {PatientScreen | null} the screen as it was drawn last, which shows what comes */
let current = null;
narrow.addEventListener('change', () => current?.form.draw());

/**
 * Puts a stay into the form; the screen shows it when it is opened next. What is still being asked was of another patient, and is not waited for.
 * What was typed can be put back.
 * @param {Sheet} sheet
 * @param {Before | null} [before] what can be put back then
 */
export function openSheet(sheet, before = unsaved() ? taken([{ key: 'undo.opened' }]) : kept.before) {
  Object.assign(kept, { sheet, issues: new Map(), answered: null, stale: false, supposed: null, refused: null, asking: null, example: '', edited: false, told: new Notices(), before });
  wouldLose(false);
}

/** Whether something stands in the form that stands nowhere else. */
function unsaved() {
  return kept.edited && !saysNothing(kept.sheet);
}

/** Notes that something was typed or pasted. */
function edited() {
  kept.edited = true;
  wouldLose(unsaved());
  if (kept.before !== null) kept.before.since = true;
}

/**
 * The form as it stands, to be put back when something has been taken from it.
 * @param {Notice[]} told what is done to it
 * @returns {Before}
 */
function taken(told) {
  const { edited, answered, stale, example } = kept;
  // Copies: what changes the form from now on changes nothing of how it was.
  const refused = kept.refused && { ...kept.refused };
  return { entered: { sheet: structuredClone(kept.sheet), edited, answered, stale, refused, example, before: mostRecent(kept.before, mostBefore - 1) }, told, since: false };
}

/**
 * A copy of what can be put back, without what was taken longest ago.
 * @param {Before | null} before
 * @param {number} most how many stay
 * @returns {Before | null}
 */
function mostRecent(before, most) {
  if (before === null || most === 0) return null;
  return { ...before, entered: { ...before.entered, before: mostRecent(before.entered.before, most - 1) } };
}

/**
 * What is told of values that a pasted table took the place of.
 * @param {{emptied: number, overwritten: number}} lost how many
 * @returns {Notice[]}
 */
function toldOf({ emptied, overwritten }) {
  /** @type {Notice[]} */
  const told = [{ key: 'import.overwritten', values: { n: overwritten } }, { key: 'import.emptied', values: { n: emptied } }];
  return told.filter(({ values }) => values?.n !== 0);
}

/** @returns {HTMLElement} */
export function patientScreen() {
  // What was refused for another reason than the form's, such as a key that was missing, may be over by now.
  if (kept.refused?.refusal.problems.errors === undefined) kept.refused = null;
  current = new PatientScreen();
  return current.element;
}

class PatientScreen {
  constructor() {
    this.answer = h('section', { class: 'answer', 'aria-label': t('answer.title'), 'aria-describedby': 'verdict-word verdict-risk', tabindex: -1, id: 'answer' }); // what takes the focus when it comes says what it is
    this.brief = button('', () => this.goToAnswer(), { class: 'brief', id: 'brief' });
    this.notice = h('div', { class: 'notices', role: 'status' });
    this.invented = h('p', { class: 'notice', id: 'invented' }, t('patient.invented'));
    this.form = new Form({
      get sheet() { return kept.sheet; },
      get issues() { return kept.issues; },
      get units() { return kept.units; },
      changed: () => this.changed(),
      takes: (told) => this.takes([told]),
      submit: () => void predict(),
      pasted: (text, place) => this.pasted(text, place),
    });
    this.element = h('div', { class: 'patient' }, h('h1', {}, t('patient.title')),
      h('div', { class: 'columns' }, h('div', { class: 'entry' }, this.tools(), this.invented, this.notice, this.form.element), h('div', { class: 'result' }, this.actions(), this.answer)));
    this.showAnew();
    this.receiveDrops();
  }

  /** Shows the form as it is kept, which is another than before. */
  showAnew() {
    const examples = this.element.querySelector('select');
    if (examples !== null) examples.value = kept.example;
    this.markAnew();
    this.showTold();
    this.form.reset();
    this.showAnswer();
  }

  tools() {
    const picker = on(h('input', { type: 'file', accept: '.csv,.psv,.tsv,.txt,.json,.ndjson', hidden: true, id: 'file' }), {
      change: () => { void this.takeFiles([...(picker.files ?? [])]); picker.value = ''; }, // the same file can be chosen again
    });
    const examples = h('select', { id: 'example', 'aria-label': t('patient.example') }, h('option', { value: '' }, t('patient.example')));
    const offer = async () => {
      const list = await listExamples();
      if (examples.options.length === 1) examples.append(...list.map((example) => h('option', { value: example.id, selected: example.id === kept.example }, example[language()])));
    };
    on(examples, { change: () => void this.example(examples.value), focus: () => void offer() });
    void offer();
    const system = h('select', { id: 'system' }, ...['own', 'si'].map((value) => h('option', { value, selected: value === kept.system }, coded('system', value))));
    on(system, { change: () => { kept.system = system.value === 'si' ? 'si' : 'own'; this.form.useSystem(kept.system); } });
    return h('div', { class: 'row tools no-print' }, examples,
      h('label', {}, h('span', { class: 'muted' }, t('patient.system')), ' ', system), picker,
      button(t('patient.open'), () => picker.click(), { id: 'open-file' }), button(t('patient.clear'), () => this.clear(), { id: 'clear' }),
      h('span', { class: 'muted help' }, t('patient.help')));
  }

  actions() {
    const bar = h('div', { class: 'row bar' }, button(t('patient.predict'), () => void predict(), { class: 'primary', id: 'predict' }), this.brief);
    return h('div', { class: 'row actions no-print' }, bar, snippets(() => ({ method: 'POST', path: path + mark(kept.sheet), body: requestOf(kept.sheet).body })), accessNotice('predict'));
  }

  clear() {
    openSheet(emptySheet(), unsaved() ? taken([{ key: 'undo.cleared' }]) : kept.before);
    this.showAnew();
  }

  /** @param {string} id */
  async example(id) {
    const example = (await listExamples()).find((candidate) => candidate.id === id);
    if (example === undefined) return;
    openSheet({ ...sheetOf(example.body), invented: true });
    kept.example = id;
    this.showAnew();
  }

  /**
   * What stands in the form can be put back, with what is known of it: something is about to be taken from it.
   * @param {Notice[]} told
   */
  takes(told) {
    const before = taken(told);
    this.changed();
    kept.before = before;
    this.showTold();
  }

  changed() {
    edited();
    if (kept.asking !== null) kept.asking.changed = true;
    if (kept.refused !== null) {
      kept.refused.changed = true;
      this.showBrief();
    }
    if (kept.answered === null || kept.stale) return;
    kept.stale = true;
    this.answer.classList.add('stale');
    this.answer.querySelector('.stale-note')?.removeAttribute('hidden');
    this.showBrief();
  }

  /** @type {import('./form.js').Host['pasted']} */
  pasted(text, place) {
    try {
      if (hasHeads(text)) {
        this.take('', text);
        return true;
      }
      const rows = block(text);
      if (rows === null) return false;
      if (isProse(rows)) {
        this.tell([{ key: 'import.nothing', error: true }], '');
        return true;
      }
      const before = taken([]);
      const { unfit, ...lost } = this.form.fillBlock(rows, place);
      before.told.push(...toldOf(lost));
      if (before.told.length > 0) kept.before = before;
      this.tell(unfit > 0 ? [{ key: 'import.unfit', values: { n: unfit }, error: true }] : [], '');
    } catch (cause) {
      if (!(cause instanceof SyntaxError)) throw cause;
      this.unreadable('');
    }
    return true;
  }

  receiveDrops() {
    on(this.element, {
      dragover: (event) => { event.preventDefault(); this.element.classList.add('dropping'); },
      dragleave: () => this.element.classList.remove('dropping'),
      drop: (event) => {
        event.preventDefault();
        this.element.classList.remove('dropping');
        void this.takeFiles([...(event.dataTransfer?.files ?? [])]);
      },
    });
  }

  /** @param {File[]} files */
  async takeFiles([file, ...others]) {
    if (file === undefined) return;
    const text = await textOf(file).catch(() => null); // a folder, or a file that was moved meanwhile
    if (text === null) this.unreadable(file.name);
    else this.take(file.name, text);
    if (others.length === 0) return;
    kept.told.add([{ key: 'import.one_file', values: { names: others.map((other) => other.name).join(', ') } }], '');
    this.showTold();
  }

  /**
   * @param {string} name of the file; empty when it was pasted
   * @param {string} text
   */
  take(name, text) {
    /** @type {import('./import.js').Import} */
    let found;
    try {
      found = read(name, text);
    } catch {
      this.unreadable(name);
      return;
    }
    const { stays, notices } = found;
    const first = stays[0];
    if (first !== undefined) {
      if (name === '') pasteSheet(first.sheet);
      else openSheet(first.sheet);
      this.showAnew();
    }
    this.tell(stays.length > 1 ? [{ key: 'import.first', values: { n: stays.length } }, ...notices] : notices, name);
  }

  /** Puts back what was taken from the form last; what was typed since can be put back in its turn. */
  restore() {
    if (kept.before === null) return;
    const { entered, since } = kept.before;
    openSheet(entered.sheet, since && unsaved() ? taken([{ key: 'undo.opened' }]) : entered.before);
    Object.assign(kept, { ...entered, before: kept.before });
    wouldLose(unsaved());
    this.showAnew();
    document.getElementById('age-stay')?.focus();
  }

  /**
   * Tells what became of a file or a paste, in sight: the cell that was pasted into may stand a screen below.
   * @param {Notice[]} notices
   * @param {string} name of the file; empty when it was pasted
   */
  tell(notices, name) {
    kept.told = new Notices();
    kept.told.add(notices, name);
    this.showTold();
    if (notices.length > 0 || kept.before?.since === false) requestAnimationFrame(() => this.notice.scrollIntoView({ block: 'nearest' })); // once the form is drawn
  }

  /** Shows what is told, and what can be put back. */
  showTold() {
    const { before } = kept;
    fill(this.notice, ...kept.told.view(), before !== null && h('div', { class: 'notice row undo' }, h('p', {}, before.told.map(wordsOf).join(' ')),
      button(t('import.restore'), () => this.restore(), { id: 'restore' })));
  }

  /** @param {string} name of the file; empty when it was pasted */
  unreadable(name) {
    this.tell([{ key: 'import.unreadable', error: true }], name);
  }

  /**
   * Shows the answer that came. Where something was typed meanwhile, what is being typed is left alone.
   * @param {boolean} changed
   */
  answeredNow(changed) {
    if (!changed) {
      this.markWarnings();
      this.form.draw();
    }
    this.showAnswer();
    if (!changed) this.reveal();
  }

  /** Marks in the form what the answer warns of. */
  markWarnings() {
    kept.issues = new Map();
    for (const warning of kept.answered?.answer.warnings ?? []) this.mark(warning, 'warning', requestOf(kept.sheet));
  }

  /** Marks in the form what is known of it, in the language of now: what the service said of it as it stands, else what can be said before it is asked. */
  markAnew() {
    if (kept.refused !== null && !kept.refused.changed) this.markProblems(kept.refused);
    else if (kept.answered !== null && !kept.stale) this.markWarnings();
    else kept.issues = inspected(kept.sheet, (variable) => this.form.unitOf(variable));
  }

  /** @param {Refused} refused */
  markProblems({ refusal, request }) {
    kept.issues = new Map();
    for (const problem of refusal.problems.errors ?? []) this.mark(problem, 'problem', request);
  }

  /**
   * Marks what the service says of a value where it stands in the form.
   * @param {Schemas['Problem'] | Answer['warnings'][number]} entry
   * @param {'problem' | 'warning'} family
   * @param {Request} request
   * @returns {boolean} whether it has a place there
   */
  mark(entry, family, request) {
    const place = placeOf(entry.location, request);
    if (place === null) return false;
    const known = kept.issues.get(placeKey(place)) ?? [];
    const issue = issueOf(family, entry, place.name);
    const advised = issue.unit !== undefined && known.some((other) => other.unit === issue.unit); // one button converts
    kept.issues.set(placeKey(place), [...known, advised ? { ...issue, hint: undefined, unit: undefined } : issue]);
    return true;
  }

  /** On a narrow screen the answer stands below the form: it is brought into view. */
  reveal() {
    this.answer.focus({ preventScroll: true });
    if (this.answer.getBoundingClientRect().top > innerHeight * 0.6) this.answer.scrollIntoView({ block: 'start' });
  }

  /**
   * Shows why there is no answer. Where something was typed meanwhile, what is being typed is left alone.
   * @param {Refused} refused
   */
  refusedNow(refused) {
    if (!refused.changed) {
      this.markProblems(refused);
      this.showHiddenHours();
      this.form.draw();
    }
    this.showAnswer();
    if (refused.changed) return;
    const first = this.firstRefused();
    if (first === null) this.reveal();
    else first.focus();
  }

  /** @param {Refused} refused */
  showRefused({ refusal, request, changed }) {
    const problems = refusal.problems.errors ?? [];
    const elsewhere = problems.filter((problem) => changed || placeOf(problem.location, request) === null);
    const marked = problems.length - elsewhere.length;
    fill(this.answer, refusalView(refusal), marked > 0 && h('p', {}, count('refusal.marked', marked)), problemList(elsewhere, whereOf),
      refusal.problems.errors_omitted !== undefined && h('p', {}, count('refusal.omitted', refusal.problems.errors_omitted)));
  }

  /** Turns to the hours in which the first issue lies. */
  showHiddenHours() {
    const columns = [...kept.issues.keys()].map((key) => Number(key.split('/')[0])).filter((column) => column >= 0);
    if (columns.length > 0) this.form.start = Math.min(...columns);
  }

  showAnswer() {
    this.invented.hidden = kept.sheet.invented !== true;
    this.answer.classList.toggle('stale', kept.stale);
    if (kept.refused !== null) {
      this.showRefused(kept.refused);
    } else if (kept.answered === null) {
      fill(this.answer, h('div', { class: 'empty' }, h('h2', {}, t('answer.title')), h('p', {}, t('answer.empty'))));
    } else {
      this.showAnswered(kept.answered);
    }
    this.showAsking();
  }

  /** Whether an answer is waited for: said in its place, and at the button. */
  showAsking() {
    const asking = kept.asking !== null;
    this.answer.setAttribute('aria-busy', String(asking));
    this.element.querySelector('#predict')?.setAttribute('aria-disabled', String(asking));
    this.answer.querySelector('.asking')?.remove();
    if (asking) this.answer.prepend(h('p', { class: 'asking loading', role: 'status' }, t('answer.asking')));
    this.showBrief();
  }

  /** The answer in a word beside the button, where the form stands above it and hides it: the style sheet tells when. */
  showBrief() {
    const { asking, refused, answered, stale } = kept;
    this.brief.hidden = asking === null && answered === null && (refused === null || isCorrected(refused));
    this.brief.classList.toggle('stale', stale);
    if (asking !== null) fill(this.brief, t('answer.asking'));
    else if (refused !== null) fill(this.brief, h('span', { 'aria-hidden': 'true' }, `${signs.error} `), refusalTitle(refused.refusal));
    else if (answered !== null) fill(this.brief, h('span', { class: 'hidden' }, `${t('answer.see')} `), h('strong', {}, percent(answered.answer.probability)), ' ', badge(answered.answer, answered.answer.reliability.level), stale && h('span', {}, ` ${t('answer.stale_short')}`));
  }

  /** To the first field that the service refused, else to the answer. */
  goToAnswer() {
    const first = this.firstRefused();
    if (kept.refused !== null && first !== null) {
      first.focus();
      first.scrollIntoView({ block: 'nearest' }); // it may have the focus already
      return;
    }
    this.answer.focus({ preventScroll: true });
    this.answer.scrollIntoView({ block: 'start' });
  }

  /** @returns {HTMLElement | null} */
  firstRefused() {
    return this.form.element.querySelector('[aria-invalid="true"]');
  }

  /** @param {NonNullable<typeof kept['answered']>} answered */
  showAnswered(answered) {
    const { answer, sheet } = answered;
    const view = answerView(answer, measuredOf(sheet, (variable) => this.form.unitOf(variable)));
    view.querySelector('.origin')?.before(this.onPaper(sheet));
    fill(this.answer, h('h2', {}, t('answer.title')), h('p', { class: 'notice stale-note', hidden: !kept.stale, role: 'status' }, t('answer.stale')), view, this.whatIf(answered), share(answer));
  }

  /**
   * What was entered, for the paper, where the form has no place: the latest value of each measurement, as it was typed.
   * @param {Sheet} sheet
   */
  onPaper(sheet) {
    const entered = variables.flatMap((variable) => {
      const latest = latestOf(sheet, variable.name);
      if (latest === null) return [];
      const age = latest.hoursAgo === 0 ? '' : ` (${ageWords(latest)})`;
      return [h('li', {}, `${labelOf(variable.name)} `, h('strong', {}, `${localised(latest.cell.text)} ${symbolOf(latest.cell.unit)}`), age)];
    });
    const hour = sheet.columns.at(-1)?.hour.trim() ?? '';
    return h('section', { class: 'on-paper' }, h('h3', {}, t('answer.entered'), hour !== '' && ` – ${t('chart.hour', { h: localised(hour) })}`), h('ul', {}, ...entered));
  }

  /** @param {NonNullable<typeof kept['answered']>} answered */
  whatIf(answered) {
    const { answer, sheet } = answered;
    const choice = h('select', { id: 'what-if-variable' }, ...variables.map((variable) => h('option', { value: variable.name }, labelOf(variable.name))));
    const value = h('input', { id: 'what-if-value', type: 'text', inputmode: 'decimal', autocomplete: 'off' });
    const unit = h('span', { class: 'unit' });
    const age = h('span', { class: 'muted', id: 'what-if-age' });
    const present = () => {
      const supposed = kept.supposed ??= this.supposition(driverOf(answer), sheet);
      choice.value = supposed.name;
      value.value = localised(supposed.cell.text);
      unit.textContent = symbolOf(supposed.cell.unit);
      age.textContent = ageWords(latestOf(sheet, supposed.name));
    };
    const suppose = (/** @type {Supposed} */ supposed) => { kept.supposed = supposed; this.showSupposed(); }; // what was answered was answered to another value
    on(choice, { change: () => { suppose(this.supposition(choice.value, sheet)); present(); } });
    on(value, {
      keydown: (event) => event.key === 'Enter' && void askSupposed(answered),
      input: () => kept.supposed !== null && suppose({ name: kept.supposed.name, cell: { text: canonical(value.value), unit: kept.supposed.cell.unit }, outcome: null }),
    });
    present();
    const result = h('p', { role: 'status', id: 'what-if-result' }, ...this.supposedWords());
    return h('section', { class: 'what-if no-print' }, h('h3', {}, t('what_if.title')), h('p', { class: 'muted' }, t('what_if.note')),
      h('div', { class: 'row' }, h('label', { for: 'what-if-variable', class: 'hidden' }, t('what_if.variable')), choice,
        h('label', { for: 'what-if-value', class: 'hidden' }, t('what_if.value')), value, unit, age, button(t('what_if.ask'), () => void askSupposed(answered), { id: 'what-if-ask' })), result);
  }

  /**
   * A variable to change, as it was measured last, in the unit that the form shows now: that unit is sent, too, whatever the form's is by then.
   * @param {string} name
   * @param {Sheet} sheet
   * @returns {Supposed}
   */
  supposition(name, sheet) {
    const variable = variableNamed(name);
    const unit = variable === undefined ? '' : this.form.unitOf(variable);
    const text = variable === undefined ? '' : canonical(shown(variable, latestOf(sheet, name)?.cell, unit));
    return { name, cell: { text, unit }, outcome: null };
  }

  /** Shows what is known of the value that is supposed. */
  showSupposed() {
    const result = this.answer.querySelector('#what-if-result');
    if (result !== null) fill(result, ...this.supposedWords());
  }

  /** @returns {import('./dom.js').Child[]} */
  supposedWords() {
    const outcome = kept.supposed?.outcome ?? null;
    if (outcome === null || kept.answered === null) return [];
    if (outcome === 'asking') return [t('answer.asking')];
    if (outcome instanceof Refusal) return [refusalView(outcome), problemList(outcome.problems.errors ?? [], whereOf)];
    return [t('what_if.result', { before: percent(kept.answered.answer.probability), after: percent(outcome.probability) }), ' ', badge(outcome, outcome.reliability.level)];
  }
}

/**
 * The variable that weighs most among those that were measured.
 * @param {Answer} answer
 */
function driverOf(answer) {
  return (answer.explanation ?? []).find((part) => variableNamed(part.name) !== undefined && part.value !== null)?.name ?? 'heart_rate';
}

/**
 * Asks for the same patient with the value that is supposed in the last hour. It goes without the patient's name, so that nothing that was
 * never measured stands under it in the record.
 * @param {NonNullable<typeof kept['answered']>} answered
 */
async function askSupposed({ sheet }) {
  if (kept.supposed === null) return;
  /** @type {Supposed} */
  const asked = { ...kept.supposed, outcome: 'asking' };
  kept.supposed = asked;
  current?.showSupposed();
  const outcome = await post('/predict/patient?explain=false&hypothetical=true', requestOf(supposedSheet(sheet, asked)).body).catch(refusalOf);
  if (kept.supposed !== asked) return;
  kept.supposed = { ...asked, outcome };
  current?.showSupposed();
}

/**
 * @param {Sheet} sheet
 * @param {Supposed} supposed
 * @returns {Sheet} another one
 */
function supposedSheet(sheet, { name, cell }) {
  const other = structuredClone(sheet);
  const { cells } = columnAt(other, other.columns.length - 1);
  if (cell.text.trim() === '') cells.delete(name);
  else cells.set(name, cell);
  other.stay.delete('patient_id');
  return other;
}

/**
 * Whether all that was refused were fields of the form, and none of them is marked any more.
 * @param {Refused} refused
 */
function isCorrected({ refusal: { problems }, request, changed }) {
  const told = problems.errors ?? [];
  const inForm = told.length > 0 && problems.errors_omitted === undefined && told.every(({ location }) => placeOf(location, request) !== null);
  return changed && inForm && [...kept.issues.values()].flat().every(({ severity }) => severity !== 'error');
}

/**
 * What was caught, if it is a refusal.
 * @param {unknown} cause
 * @returns {Refusal}
 */
function refusalOf(cause) {
  if (cause instanceof Refusal) return cause;
  throw cause;
}

/** @param {Sheet} sheet */
function patientOf(sheet) {
  return sheet.stay.get('patient_id')?.trim() ?? '';
}

/**
 * Puts a table that was pasted into the form. What it takes the place of can be put back.
 * @param {Sheet} sheet
 */
function pasteSheet(sheet) {
  const [before, after] = [patientOf(kept.sheet), patientOf(sheet)];
  const another = before !== '' && after !== '' && before !== after;
  const whole = another ? sheet : added(sheet);
  const replaced = whole.columns !== kept.sheet.columns && kept.sheet.columns.some((column) => column.cells.size > 0);
  /** @type {Notice[]} */
  const told = another ? [{ key: 'import.another', values: { before, after } }] : [...(replaced ? [/** @type {Notice} */ ({ key: 'import.replaced' })] : []), ...toldOf(lostOfStay(sheet))];
  const taking = told.length > 0 ? taken(told) : null;
  openSheet(whole, kept.before);
  edited();
  if (taking !== null) kept.before = taking;
}

/**
 * How many fields of the form's stay a table that is pasted would change.
 * @param {Sheet} pasted
 */
function lostOfStay(pasted) {
  const lost = { emptied: 0, overwritten: 0 };
  for (const [name, text] of pasted.stay) {
    const fate = fateOf(kept.sheet.stay.get(name) ?? '', text);
    if (fate !== null) lost[fate] += 1;
  }
  return lost;
}

/**
 * A table that was pasted, of no other patient than the form's: its hours replace those of the form, if it has any, and what it says of the stay stands above what was typed. It becomes
 * part of an example where one stood, because the rest of the stay is invented.
 * @param {Sheet} pasted
 * @returns {Sheet}
 */
function added(pasted) {
  const columns = pasted.columns.every(isBlank) ? kept.sheet.columns : pasted.columns;
  return { ...pasted, columns, stay: new Map([...kept.sheet.stay, ...pasted.stay]), invented: kept.sheet.invented };
}

/**
 * Asks for the form as it stands. What is typed meanwhile makes the answer out of date; of another patient's form it is dropped.
 */
async function predict() {
  if (kept.asking !== null) return;
  const asking = { request: requestOf(kept.sheet), sheet: structuredClone(kept.sheet), changed: false };
  kept.asking = asking;
  kept.refused = null;
  kept.before = null;
  current?.showTold();
  if (kept.answered === null) current?.showAnswer();
  else current?.showAsking();
  try {
    const answer = /** @type {Answer} */ (await post(path + mark(asking.sheet), asking.request.body));
    if (kept.asking !== asking) return;
    Object.assign(kept, { asking: null, answered: { answer, sheet: asking.sheet }, stale: asking.changed, supposed: null });
    current?.answeredNow(asking.changed);
  } catch (cause) {
    const late = kept.asking !== asking;
    if (!late) kept.asking = null;
    current?.showAsking();
    if (!(cause instanceof Refusal)) throw cause;
    if (late) return;
    const refused = { refusal: cause, request: asking.request, changed: asking.changed };
    Object.assign(kept, { answered: null, stale: false, supposed: null, refused });
    current?.refusedNow(refused);
  }
}

/** @typedef {{cell: import('./sheet.js').Cell, hoursAgo: number} | null} Latest */

/**
 * The latest value of a variable, and how many hours before the last column it stands.
 * @param {Sheet} sheet
 * @param {string} name
 * @returns {Latest}
 */
function latestOf(sheet, name) {
  const index = sheet.columns.findLastIndex((column) => column.cells.has(name));
  const cell = sheet.columns[index]?.cells.get(name);
  const hours = hoursOf(sheet);
  return cell === undefined ? null : { cell, hoursAgo: (hours.at(-1) ?? 0) - (hours[index] ?? 0) };
}

/** @param {Latest} latest */
function ageWords(latest) {
  if (latest === null) return t('drivers.unmeasured');
  return latest.hoursAgo === 0 ? t('drivers.now') : t('drivers.ago', { n: number(latest.hoursAgo) });
}

/**
 * @param {'problem' | 'warning'} family
 * @param {Schemas['Problem'] | Answer['warnings'][number]} entry
 * @param {string} name of what it is said of
 */
function issueOf(family, entry, name) {
  const range = entry.code === 'out_of_range' ? rangeOf(name) : '';
  const isNumber = variableNamed(name) !== undefined || stayField(name)?.hard !== undefined;
  const words = entry.code === 'wrong_type' && isNumber ? t('issue.not_number') : coded(family, entry.code) + (range && ` (${range})`);
  const own = language() === 'en' ? { message: entry.message } : { message: words, original: entry.message };
  return /** @type {Issue} */ ({ severity: family === 'problem' ? 'error' : 'warning', code: entry.code, ...own, location: entry.location, hint: entry.hint, unit: unitOfHint(entry) });
}

/** @param {Answer} answer */
function share(answer) {
  const link = `${location.origin}/#/record/${answer.id}`;
  const status = h('span', { role: 'status', class: 'muted' });
  const copy = button(t('share.copy'), async () => {
    status.textContent = await copied(link) ? t('code.copied') : t('code.not_copied');
  }, { id: 'share' });
  return h('section', { class: 'share no-print' }, h('div', { class: 'row' }, button(t('share.print'), () => print(), { id: 'print' }), copy, status),
    h('p', { class: 'muted' }, t('share.note'), ' ', h('a', { href: `#/record/${answer.id}` }, link)));
}

/** @typedef {{id: string, fr: string, en: string, body: Record<string, any>}} Example */

/** @type {Promise<Example[]> | null} */
let examples = null;

/** Invented patients; none when they cannot be fetched, and then they are asked for again. */
async function listExamples() {
  examples ??= assetJSON(new URL('./examples.json', import.meta.url));
  try {
    return await examples;
  } catch (cause) {
    examples = null;
    if (!(cause instanceof Refusal)) throw cause;
    return [];
  }
}
