/** How jobs end: what is shown of it, whether the page saw it or not, and that the server knows what was shown. */

import { isQuestion } from './agreement';
import type { IApi } from '../api/client';
import type { Blocks } from './blocks';
import type { Held } from './held';
import { dependencies, failure, nameOf } from './jobs';
import { isOwnJob, written } from './owner';
import { equal, type IContext } from './state';
import type { IDocument } from '../tokens';
import type { IJob, IJobResult, IPending, IProblem, IStatus, IWaiting } from '../api/wire';
import { summary } from '../words';

const SWITCH_ROUNDS = 30;
const SWITCH_INTERVAL = 500;
/** Milliseconds in which the page that started a job has surely shown how it ended. */
const TURN = 1000;

/** Of the changes of this notebook: one at a time; false where another window was quicker. */
interface ISettling {
  next(change: () => Promise<boolean>): Promise<boolean>;
  settle(job: IJob, result: IJobResult): Promise<boolean>;
}

export class Endings {
  constructor(
    private readonly _document: IDocument,
    private readonly _api: IApi,
    private readonly _held: Held,
    private readonly _blocks: Blocks,
    private readonly _changes: ISettling
  ) {}

  knows(job: IJob): boolean {
    return this._known.has(job.id);
  }

  /** This page follows it, or has shown how it ended. */
  know(job: IJob): void {
    this._known.add(job.id);
  }

  /**
   * At each look at the server. Whether it tells of jobs for the first time: what begins later and not here, another page
   * has begun.
   */
  isFirst(): boolean {
    this._forget();
    const first = !this._asked;
    this._asked = true;
    return first;
  }

  /** A job that ended while no page looked: its result is written where it fits, and offered where it does not. */
  meet(waiting: IWaiting, first: boolean): void {
    const { job } = waiting;
    if (this.knows(job)) {
      return;
    }
    const { result } = job;
    if (job.state !== 'done' || !result) {
      void this.tellInTurn(job, first);
    } else if (!this.fits(waiting)) {
      this._offer(waiting);
    } else {
      this.know(job);
      void this._changes.next(async () => {
        if (!this.fits(waiting) || !(await this._changes.settle(job, result))) {
          this._known.delete(job.id);
          return false;
        }
        this.see(job);
        return true;
      });
    }
  }

  /**
   * Why a job ended: if another page has begun it, only where that one has not told it. What that one may be asking its
   * user is left to it; if it went away, the next page that opens tells it.
   */
  async tellInTurn(job: IJob, own: boolean): Promise<void> {
    this.know(job);
    if (!own && isQuestion(job.error)) {
      return;
    }
    await new Promise(resolve => setTimeout(resolve, own ? 0 : TURN));
    try {
      if (!this._held.gone && (await this.ask(job))) {
        this.tell(job);
        this.see(job);
        const { problem, status } = this._held.state;
        this._told = problem && status && { problem, status };
      }
    } catch {
      this._known.delete(job.id); // whoever asks the server again hears of it again
    }
  }

  /** There was an answer to what was offered. */
  answered(): void {
    if (this._offered) {
      this.know(this._offered);
      this.see(this._offered);
      this._offered = null;
    }
  }

  /** A no to what was offered: it waits no longer, and a kernel that has it goes back to what the document says. */
  async decline({ before, block }: IPending): Promise<void> {
    await this._api.decline({ notebook: this._document.path, before, block });
    this.answered();
    await this._blocks.publish(this._document.block);
  }

  /** Why it ended, if it did not do what it should. */
  tell(job: IJob): void {
    const done = job.state === 'cancelled' ? 'Stopped. Nothing has changed.' : '';
    this._held.dispatch({ problem: failure(job), done });
  }

  see(job: IJob): void {
    if (!this._held.gone && job.state !== 'running') {
      void this._api.seeJob(job.id).catch(() => undefined); // then it is shown once more
    }
  }

  /**
   * What the server knows of a job that this page did not start; null where another page has shown how it ended, and where
   * it may be another notebook's: then it is offered.
   */
  async ask(job: IJob): Promise<IWaiting | null> {
    const { kernelId, path } = this._document;
    if (job.notebook === null && job.kernel === null) {
      return { job, before: null }; // of the base environment: each page shows it
    }
    const id = this._blocks.running ? kernelId : null;
    const { waiting } = id === null ? await this._api.notebook(path) : await this._api.kernel(id);
    if (waiting?.job.id !== job.id) {
      return null;
    }
    if (!this._isOwn(waiting)) {
      this._known.delete(job.id);
      this._offer(waiting);
      return null;
    }
    return waiting;
  }

  /** Whether the document is certainly what the job changed, or has it already. */
  fits(waiting: IWaiting): boolean {
    const { block } = this._document;
    const made = written(waiting.job);
    return made === null || equal(block, made) || (this._isOwn(waiting) && equal(block, waiting.before));
  }

  /** What was told of another page's job is over as soon as a later change has worked. */
  private _forget(): void {
    const { problem, status } = this._held.state;
    const then = this._told?.status;
    if (then && status?.state === 'ready' && (then.state !== 'ready' || then.digest !== status.digest)) {
      if (problem === this._told?.problem) {
        this._held.dispatch({ problem: null });
      }
      this._told = null;
    }
  }

  private _isOwn(waiting: IWaiting): boolean {
    return isOwnJob(waiting, this._document.block, this._document.kernelId);
  }

  private _offer({ job, before }: IWaiting): void {
    this._offered = job;
    const chained = equal(before, this._blocks.agreed);
    const { block } = this._document;
    this._blocks.offer({ before: chained ? block : before, block: written(job), unsure: true });
  }

  private readonly _known = new Set<string>();
  private _asked = false;
  /** The problem that was shown of a job of another page, and how the environment was then. */
  private _told: { readonly problem: IProblem; readonly status: IStatus } | null = null;
  /** Its result is offered, as the document is another one by now. */
  private _offered: IJob | null = null;
}

/** Whoever started it: a build of the base environment has no block. */
export function ofBase(job: IJob, result: IJobResult): boolean {
  return job.action === 'build' && result.block === null;
}

export function outcome(job: IJob, result: IJobResult, asked: readonly string[]): string {
  const seconds = result.seconds < 10 ? result.seconds.toFixed(1) : result.seconds.toFixed(0);
  if (job.action === 'build') {
    return `Built in ${seconds} s.`;
  }
  const names = dependencies(result.block).map(nameOf);
  const there = asked.filter(name => names.includes(name));
  return result.satisfied && there.length ? `${there.join(', ')}: already installed.` : summary(result.changed, asked);
}

/** The server gives the session its real kernel; the page would hear of it late. */
export async function switched(
  document: IDocument,
  context: IContext,
  held: Held,
  standin: string | null
): Promise<void> {
  for (let round = 0; round < SWITCH_ROUNDS && document.kernelId === standin; round += 1) {
    await new Promise(resolve => setTimeout(resolve, SWITCH_INTERVAL));
    if (held.gone) {
      return;
    }
    await context.refreshSessions().catch(() => undefined);
  }
}
