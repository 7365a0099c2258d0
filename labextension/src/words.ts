/** What the panel says: state in words, sizes and names. */

import { visible } from './foreign';
import type { Action, Changed, IProgress, IStatus } from './api/wire';
import type { ISettled, IWorking, View } from './view';

export type Mood = 'good' | 'attention' | 'busy' | 'bad' | 'off';

const COMMAND = /(n a terminal[,:] `?)?jupyter envs (install|remove|upgrade|status|build|undo) NOTEBOOK\b/g;

/**
 * A hint, which names a command of the terminal, with the magic that does the same, unless it says "in a terminal". A
 * kernel has the same rule: jupyter_envs/kernel/asking.py.
 */
export function inACell(hint: string): string {
  return hint.replace(COMMAND, (found: string, terminal: string | undefined, verb: string) =>
    terminal ? found : `%env-${verb}`
  );
}

export interface IHeadline {
  readonly mood: Mood;
  /** A few words, for the chip. */
  readonly short: string;
  /** One sentence, for the panel. */
  readonly sentence: string;
}

const DOING: Record<Action, string> = {
  install: 'installing',
  import: 'importing',
  remove: 'removing',
  upgrade: 'upgrading',
  lock: 'locking',
  undo: 'undoing',
  python: 'changing Python',
  build: 'building',
  gc: 'cleaning',
  verify: 'checking'
};

const READY = 'Its environment is ready; no kernel is running.';

/** What matters most now, in words. */
export function headline(now: View): IHeadline {
  switch (now.is) {
    case 'not-python':
      return say('off', 'not Python', 'This notebook is not in Python, so it has no environment here.');
    case 'shared-kernel':
      return say('off', 'shared kernel', `It runs in “${visible(now.name)}”, which other notebooks share.`);
    case 'unsupported':
      return say('off', 'not supported here', now.why);
    case 'working':
      return working(now);
    case 'asking':
      return say('attention', 'a question waits', unanswered(now.question));
    case 'restart-needed':
      return say('attention', 'restart needed', `${capital(now.why)}.`);
    case 'arriving':
      return say('attention', 'waiting for the kernel', arriving(now.what));
    case 'no-kernel':
      return say('off', 'no kernel', 'No kernel is running.');
    case 'unknown':
      return say('bad', 'unknown', 'The state of this notebook is not known.');
    case 'looking':
      return say('off', 'checking…', 'Checking…');
    case 'settled':
      return settled(now);
  }
}

function unanswered(question: string): string {
  const asks = `The kernel asks “${visible(question.trim())}”, and this page cannot answer.`;
  return `${asks} Interrupt the kernel, and run the cell again.`;
}

/** `six 1.17.0 waits until the kernel has finished what it is running.` */
function arriving(what: readonly string[]): string {
  const subject = what.length ? named(what, 3) : 'The change';
  return `${subject} ${what.length > 1 ? 'wait' : 'waits'} until the kernel has finished what it is running.`;
}

function working({ job, progress }: IWorking): IHeadline {
  const doing = job ? DOING[job.action] : DOING.install;
  const share = progress && percent(progress);
  return say('busy', share === null ? `${doing}…` : `${doing} ${share} %`, progress?.text || `${capital(doing)}…`);
}

function settled({ running, status, standin, without, python: version }: ISettled): IHeadline {
  const python = `Python ${minor(version)}`.trim();
  switch (status.state) {
    case 'no-block':
      return standin
        ? say('attention', 'not built', 'The base environment, in which notebooks run, is not built yet.')
        : say('off', python, 'No packages of its own yet. Install one below.');
    case 'ready':
      return standin
        ? say('busy', 'starting…', 'The environment is ready. Starting the notebook’s kernel…')
        : say('good', `${python} · ${count(packagesOf(status).length, 'package')}`, running ? 'Ready.' : READY);
    case 'changed':
      return say('attention', locks(status) ? 'changed' : 'not locked', status.sentence);
    case 'not-built':
      if (without) {
        return say('attention', 'without its packages', lacking(status));
      }
      if (status.error) {
        return say('bad', 'cannot be built', status.error.sentence);
      }
      return status.withheld
        ? say('attention', 'not ready', status.withheld)
        : say('attention', 'not built', 'Not built on this machine yet.');
    case 'invalid':
      return say('bad', 'unreadable', 'This notebook’s environment cannot be read, so it was not changed.');
    case 'no-python':
      return say('bad', 'no Python', status.sentence);
    case 'failed':
      return say('bad', 'failed', status.sentence);
  }
}

/** Whether there is a lock at all, of this list or of an older one. */
function locks(status: IStatus): boolean {
  return status.python.locked !== null;
}

/** For a package of the list that has no version: a lock that was made for this list has none for this machine. */
export function missing(status: IStatus | null, requirement: string): string {
  const decided = status !== null && status.state !== 'changed' && status.packages.length > 0;
  return decided && requirement.includes(' ; ') ? 'not here' : 'not locked';
}

/** Names of the packages in the list, each once: one may have a line for each system. */
export function packagesOf(status: IStatus): string[] {
  return [...new Set(status.dependencies.map(item => item.name))];
}

/** `Runs in the base environment, without pandas, matplotlib and what they need.` */
function lacking(status: IStatus): string {
  const names = packagesOf(status);
  const what = names.length ? `${named(names, 3)} and what they need` : 'the packages that it brings';
  return `It runs in the base environment, without ${what}.`;
}

/** `3 of 45 packages · 120 MB of 918 MB · 2 min left` */
export function howFar(progress: IProgress, left: number | null): string {
  const [here, all] = progress.fetched;
  const parts: string[] = [];
  if (progress.total) {
    parts.push(`${progress.done} of ${count(progress.total, 'package')}`);
  }
  if (all) {
    parts.push(`${size(here)} of ${size(all)}`);
  }
  if (left !== null) {
    parts.push(timeLeft(left));
  }
  return parts.join(' · ');
}

function say(mood: Mood, short: string, sentence: string): IHeadline {
  return { mood, short, sentence };
}

/** 0 to 100, or null where the end is not known. */
export function percent(progress: IProgress): number | null {
  const [here, all] = progress.fetched;
  const [done, total] = all > 0 ? [here, all] : [progress.done, progress.total];
  // Nothing is here yet: a bar that moves says more than one that stands at its beginning.
  return total > 0 && done > 0 ? Math.min(100, Math.floor((100 * done) / total)) : null;
}

/** `pandas 3.1.1 (+ 5 more)`; what was asked for comes first. */
export function summary(changed: Changed, asked: readonly string[] = []): string {
  const all = Object.entries(changed);
  const first = all.find(([name]) => asked.includes(name)) ?? all[0];
  if (!first) {
    return 'Nothing had to change.';
  }
  const [name, [before, after]] = first;
  const what =
    after === null ? `${name} removed` : before === null ? `${name} ${after}` : `${name} ${before} → ${after}`;
  return all.length > 1 ? `${what} (+ ${all.length - 1} more)` : what;
}

const UNITS = ['B', 'kB', 'MB', 'GB'];

/** 118 MB; nothing where it is not known. As a cell and a terminal say it: jupyter_envs/kernel/amounts.py. */
export function size(bytes: number | null): string {
  if (bytes === null) {
    return '';
  }
  let unit = 0;
  while (rounded(bytes, 1000 ** unit) >= 1000 && unit < UNITS.length - 1) {
    unit += 1;
  }
  const tenths = rounded(10 * bytes, 1000 ** unit);
  return `${unit > 0 && tenths < 100 ? (tenths / 10).toFixed(1) : rounded(bytes, 1000 ** unit)} ${UNITS[unit]}`;
}

function rounded(number: number, by: number): number {
  return Math.floor((2 * number + by) / (2 * by));
}

/** `9 s left`, `5 min left` */
export function timeLeft(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s left` : `${Math.floor(seconds / 60 + 0.5)} min left`;
}

/** `3 days`, `2 years`; nothing where it is not known. `since` and `now` in ISO 8601 and milliseconds. */
export function age(since: string | null, now = Date.now()): string {
  const days = since === null ? NaN : (now - Date.parse(since)) / 86_400_000;
  if (Number.isNaN(days)) {
    return '';
  }
  if (days < 1) {
    return 'hours';
  }
  if (days < 60) {
    return count(Math.floor(days), 'day');
  }
  return days < 730 ? count(Math.floor(days / 30.44), 'month') : count(Math.floor(days / 365.25), 'year');
}

/** The first few, and how many more. */
export function named(names: readonly string[], limit: number): string {
  const rest = names.length - limit;
  return names.slice(0, limit).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

export function minor(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
