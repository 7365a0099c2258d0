/** Changes of one notebook's environment, from the panel by jobs and from the kernel by the comm. One at a time. */

import { agreed } from './agreement';
import { problemOf } from '../api/client';
import { Endings, ofBase, outcome, switched } from './endings';
import { again, follow, namesOf, Pulse } from './jobs';
import type { Blocks } from './blocks';
import type { Held } from './held';
import { Pace } from './pace';
import { equal, includes, type IContext } from './state';
import { Told } from './told';
import type { IDocument } from '../tokens';
import type { Action, FromKernel, IJob, IJobArguments, IJobResult, IPending, IWaiting } from '../api/wire';
import { summary } from '../words';

/** An action of the server on the notebook's block; or a build of the base environment, which is no notebook's own. */
type Order = Action | 'base';

export class Changes {
  constructor(
    private readonly _document: IDocument,
    private readonly _context: IContext,
    private readonly _held: Held,
    private readonly _blocks: Blocks
  ) {
    this._told = new Told(_held);
    this.endings = new Endings(_document, _context.api, _held, _blocks, {
      next: change => this.next(change),
      settle: (job, result) => this._settle(job, result)
    });
  }

  readonly pulse = new Pulse();
  readonly endings: Endings;

  /** True when it was done. Waits for the change before it. */
  run(action: Action, args: IJobArguments): Promise<boolean> {
    return this.next(async () => {
      const { pending } = this._held.state;
      if (pending && this._blocks.owns(pending)) {
        // What is changed now comes on top of it. What may be another notebook's goes on waiting for a yes.
        this._held.dispatch({ pending: null });
        await this.record(pending);
      }
      return this._carryOut(action, args);
    });
  }

  /** The environment that all notebooks without a block share. */
  buildBase(): Promise<boolean> {
    return this.next(() => this._carryOut('base', {}));
  }

  async cancel(): Promise<void> {
    const { job } = this._held.state;
    if (job) {
      this._stopped = job.id;
      try {
        await this._context.api.cancelJob(job.id);
      } catch (reason) {
        this._held.dispatch({ problem: problemOf(reason) });
      }
      this.pulse.wake();
    }
  }

  /** What the server tells of the jobs of this notebook. */
  meet(job: IJob | null, waiting: IWaiting | null): void {
    const first = this.endings.isFirst();
    if (job?.state === 'running') {
      this.join(job, first);
    }
    if (waiting) {
      this.endings.meet(waiting, first);
    }
  }

  /** A job that somebody else started for this kernel: this page before a reload, or another tab. */
  join(job: IJob, first = false): void {
    if (!this.endings.knows(job)) {
      void this.next(async () => {
        if (this.endings.knows(job)) {
          return false;
        }
        const ended = await this._follow(job);
        if (ended.state !== 'done') {
          void this.endings.tellInTurn(ended, first || this._stopped === ended.id);
          return false;
        }
        const waiting = await this.endings.ask(ended);
        const result = waiting?.job.result;
        if (waiting && result) {
          if (!this.endings.fits(waiting) || !(await this._settle(waiting.job, result))) {
            await this.takeOver({ before: waiting.before, block: result.block });
          }
          this.endings.see(ended);
        }
        return waiting !== null; // else the page that started it has seen to it
      });
    }
  }

  /** A yes to what was offered. */
  async record(pending: IPending): Promise<boolean> {
    const done = await this.takeOver(pending);
    if (done) {
      this.endings.answered();
    }
    return done;
  }

  async heard(message: FromKernel): Promise<void> {
    switch (message.type) {
      case 'state':
        this._blocks.standings.tell(this._document.kernelId ?? '', message.standin);
        this._held.dispatch({ standin: message.standin, restart: message.restart });
        break;
      case 'progress':
        this._told.take(message);
        break;
      case 'block':
        this._blocks.untold();
        this._held.dispatch({ told: null, restart: message.restart });
        if (await this.next(() => this.takeOver(message))) {
          this._held.dispatch({ done: summary(message.changed) });
        }
        break;
    }
  }

  /** Writes a block that was made elsewhere; a change of another block is made again on the document's block. */
  async takeOver(change: IPending): Promise<boolean> {
    const document = this._document;
    if (equal(document.block, change.before) || equal(document.block, change.block)) {
      this._blocks.write(change.block);
      await this._blocks.propose(change.block);
      return true;
    }
    if (includes(document.block, change)) {
      return true;
    }
    const { install, remove } = again(change.before, change.block);
    const removed = !remove.length || (await this._carryOut('remove', { packages: remove }));
    const installed = !install.length || (await this._carryOut('install', { packages: install }));
    return removed && installed && (install.length + remove.length > 0 || (await this._carryOut('lock', {})));
  }

  next(change: () => Promise<boolean>): Promise<boolean> {
    this._queue = this._queue.then(change).catch((reason: unknown) => {
      this._held.dispatch({ problem: problemOf(reason) });
      return false;
    });
    return this._queue;
  }

  private async _carryOut(order: Order, given: IJobArguments): Promise<boolean> {
    let args = given;
    while (!this._held.gone) {
      const based = this._document.block;
      const job = await this._start(order, args);
      if (job.state === 'done' && job.result) {
        const { block } = this._document;
        if (job.result.block && !equal(based, block) && !equal(job.result.block, block)) {
          this.endings.see(job);
          continue; // the document was changed meanwhile, and not by somebody who followed this job and was quicker
        }
        const settled = await this._settle(job, job.result, namesOf(args));
        this.endings.see(job);
        if (settled) {
          return true;
        }
        continue; // another window was quicker: planned again on what it did
      }
      const more = await agreed(this._context, job.error, args);
      this.endings.see(job);
      if (more === null) {
        this.endings.tell(job);
        return false;
      }
      if (more === 'declined') {
        this._held.dispatch({ done: 'Nothing has changed.' });
        return false;
      }
      args = { ...args, ...more };
    }
    return false;
  }

  private async _start(order: Order, args: IJobArguments): Promise<IJob> {
    const document = this._document;
    const { api } = this._context;
    this._held.dispatch({ problem: null, done: '', notes: [] });
    const kernel = this._blocks.running ? document.kernelId : null;
    const job =
      order === 'base'
        ? await api.startJob({ action: 'build', notebook: null, kernel: null, block: null, args })
        : await api.startJob({ action: order, notebook: this._held.state.path, kernel, block: document.block, args });
    return this._follow(job);
  }

  private async _follow(started: IJob): Promise<IJob> {
    const held = this._held;
    this.endings.know(started);
    try {
      const pace = new Pace();
      return await follow(this._context.api, started, {
        pulse: this.pulse,
        told: job => {
          held.dispatch({ job, left: job.progress ? pace.left(job.progress) : null });
        },
        gone: () => held.gone
      });
    } finally {
      held.dispatch({ job: null, left: null });
    }
  }

  /**
   * False where the kernel has another block by now. `based`: the document's block when the job began; where it is another
   * by now, whoever started the job decides.
   */
  private async _settle(
    job: IJob,
    result: IJobResult,
    asked: readonly string[] = [],
    based = this._document.block
  ): Promise<boolean> {
    const document = this._document;
    const made = result.block && equal(based, document.block) && job.action !== 'build' ? result.block : document.block;
    if (!(await this._blocks.propose(made))) {
      return false;
    }
    this._blocks.write(made);
    if (!this._blocks.running) {
      this._blocks.showUnsaved(result.environment);
    }
    if (result.environment && !ofBase(job, result)) {
      this._blocks.tell(result.environment, result.changed);
    }
    this._held.dispatch({ done: outcome(job, result, asked), notes: result.notes });
    if (this._held.state.standin) {
      void switched(document, this._context, this._held, document.kernelId);
    }
    return true;
  }

  private readonly _told: Told;
  private _stopped = '';
  private _queue: Promise<boolean> = Promise.resolve(true);
}
