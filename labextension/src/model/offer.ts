/** What the banner says of a notebook that waits for its environment, and which buttons it has. */

import type { IActions, IState } from '../tokens';
import type { IProblem, IStatus, IStatusConsent } from '../api/wire';
import { view } from '../view';
import { count, headline, howFar, inACell, minor, named, packagesOf, size, type Mood } from '../words';

export interface IButton {
  readonly label: string;
  readonly act: (actions: IActions) => Promise<unknown>;
}

export interface IOffer {
  readonly mood: Mood;
  readonly sentence: string;
  /** Less loud. */
  readonly more: string;
  /** Raw text of a tool. */
  readonly details: string;
  readonly buttons: readonly IButton[];
}

const BUILD: IButton = { label: 'Build', act: actions => actions.build() };
const LOOK: IButton = { label: 'Look closer', act: actions => actions.look() };
const WITHOUT: IButton = { label: 'Run without it', act: actions => actions.without() };
const CANCEL: IButton = { label: 'Cancel', act: actions => actions.cancel() };
const INTERRUPT: IButton = { label: 'Interrupt kernel', act: actions => actions.interrupt() };
const AGAIN: IButton = { label: 'Try again', act: actions => actions.build() };
const LOCK: IButton = { label: 'Lock for this machine', act: actions => actions.relock() };

/** How many new packages the banner names; if there are more, a click on Build shows the list first. */
const NAMED = 12;

/** What a new lock may fix: files of the old one are not available, or not for this machine. */
const BY_LOCK = ['no-wheel-here', 'file-gone', 'hash-mismatch', 'not-locked', 'yanked'];

/** Null: nothing has to be said above the notebook. */
export function offer(state: IState): IOffer | null {
  if (state.kernel !== 'ours' || !state.standin || !state.status) {
    return null;
  }
  const now = view(state);
  const { mood, sentence } = headline(now);
  switch (now.is) {
    case 'working':
      return say(mood, sentence, now.progress ? howFar(now.progress, now.left) : '', now.job ? [CANCEL] : []);
    case 'unsupported':
      return null;
    case 'asking':
      return say(mood, sentence, '', [INTERRUPT]);
    default:
      return state.problem ? failed(state.problem, state.status) : waiting(state.status, sentence, mood, state.done);
  }
}

function failed({ sentence, hint, details, code }: IProblem, status: IStatus): IOffer {
  const lock = BY_LOCK.includes(code) ? LOCK : code.startsWith('python-') ? relocking(status) : null;
  return say('bad', sentence, inACell(hint), [...(lock ? [lock] : []), AGAIN, WITHOUT], details);
}

/** `sentence` and `mood`: as panel and chip have them. */
function waiting(status: IStatus, sentence: string, mood: Mood, done: string): IOffer | null {
  switch (status.state) {
    case 'not-built':
      return status.consent ? brought(status, status.consent, done) : impossible(status);
    case 'no-python':
      return impossible(status);
    case 'changed':
      return say(mood, sentence, '', [LOCK, WITHOUT]);
    case 'invalid':
      return say(mood, sentence, status.error?.sentence ?? '', [WITHOUT]);
    case 'failed':
      return say(mood, sentence, inACell(status.error?.hint ?? ''), [WITHOUT], status.error?.details);
    case 'no-block':
      return say(mood, sentence, '', [BUILD]);
    case 'ready':
      return say(mood, sentence, '', []);
  }
}

function brought(status: IStatus, consent: IStatusConsent, done: string): IOffer {
  const marked = consent.packages.some(item => item.marks.length) || consent.indexes.length > 1;
  const ask = (marked || consent.new.length > NAMED) && !consent.approved;
  // A click on Build says yes to what stands here; where there is more to know, the dialog says it first.
  const build = {
    label: ask ? 'Build…' : 'Build',
    act: ask || consent.approved ? BUILD.act : accepting(consent.digest)
  };
  const more = [done, status.withheld ?? news(consent)].filter(Boolean).join(' ');
  return say('attention', brings(status, consent), more, [build, LOOK, WITHOUT]);
}

function accepting(digest: string): IButton['act'] {
  return actions => actions.accept(digest);
}

/** `This notebook brings an environment: Python 3.12, 12 packages (45 with what they need), 118 MB to fetch.` */
export function brings(status: IStatus, consent: IStatusConsent): string {
  const all = consent.packages.length;
  const asked = packagesOf(status).length;
  const packages =
    asked && asked < all ? `${count(asked, 'package')} (${all} with what they need)` : count(all, 'package');
  const bytes = consent.bytes ? `, ${size(consent.bytes)} to fetch` : '';
  return `This notebook brings an environment: Python ${minor(consent.python)}, ${packages}${bytes}.`;
}

/** `3 are new on this machine: …` */
export function news(consent: IStatusConsent): string {
  if (consent.approved || !consent.new.length) {
    return 'You have approved all of it before.';
  }
  const number = consent.new.length;
  const marked = consent.packages.filter(item => item.marks.length).length;
  const look = marked ? ` Look at the warnings about ${marked === 1 ? 'one' : marked} of them.` : '';
  return `${number} ${number === 1 ? 'is' : 'are'} new on this machine: ${named(consent.new, NAMED)}.${look}`;
}

/** The lock is for another machine. */
function impossible(status: IStatus): IOffer {
  const { sentence, error } = status;
  const buttons = [fetching(status), relocking(status)].filter(button => button !== null);
  const hint = status.state === 'no-python' && buttons.length ? '' : inACell(error?.hint ?? '');
  return say('bad', error?.sentence ?? sentence, hint, [...buttons, WITHOUT], error?.details);
}

/** Null: its Python is here, or cannot be downloaded. The job asks before it downloads: it has no consent yet. */
export function fetching(status: IStatus): IButton | null {
  const fetch = status.state === 'no-python' ? status.error?.data.fetch : null;
  if (typeof fetch !== 'object' || fetch === null || Array.isArray(fetch) || typeof fetch.version !== 'string') {
    return null;
  }
  return { label: `Download Python ${fetch.version} and build…`, act: BUILD.act };
}

/** Null: a new lock would not help. */
export function relocking(status: IStatus): IButton | null {
  if (status.error?.code.startsWith('policy-')) {
    return null;
  }
  const python = status.state === 'no-python' ? nearestPython(status) : null;
  return python ? { ...LOCK, label: `Lock for Python ${python}` } : LOCK;
}

/** The minor of the Python here that is nearest to the one of the lock, the newer one of two; null: there is none. */
export function nearestPython(status: IStatus | null): string | null {
  const found = status?.error?.data.found;
  const wanted = minorNumber(status?.python.locked ?? '');
  if (!Array.isArray(found) || wanted === null) {
    return null;
  }
  const versions = found.filter(version => typeof version === 'string');
  const here = versions.map(minorNumber).filter(number => number !== null);
  const best = here.sort((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted) || b - a)[0];
  return best === undefined ? null : `3.${best}`;
}

function minorNumber(version: string): number | null {
  const found = /^3\.(\d+)/.exec(version);
  return found ? Number(found[1]) : null;
}

function say(mood: Mood, sentence: string, more: string, buttons: readonly IButton[], details = ''): IOffer {
  return { mood, sentence, more, details, buttons };
}
