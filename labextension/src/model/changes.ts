/** Changes of one notebook's environment, from the panel by jobs and from the kernel by the comm. One at a time. */

import { agreed } from './agreement';
import { problemOf } from '../api/client';
import { again, failure, follow, Pulse } from './jobs';
import type { Blocks } from './blocks';
import type { Held } from './held';
import { Pace } from './pace';
import { equal, includes, type IContext } from './state';
import { unsaved } from './status';
import type { IDocument } from '../tokens';
import type { Action, FromKernel, IJob, IJobArguments, IJobResult, IKernelProgress, IPending } from '../api/wire';
import { summary } from '../words';

const SWITCH_ROUNDS = 30;
const SWITCH_INTERVAL = 500;

/** An action of the server on the notebook's block; or a build of the base environment, which is no notebook's own. */
type Order = Action | 'base';

export class Changes {
  constructor(
    private readonly _document: IDocument,
    private readonly _context: IContext,
    private readonly _held: Held,
    private readonly _blocks: Blocks
  ) {}

  readonly pulse = new Pulse();

  /** True when it was done. Waits for the change before it. */
  run(action: Action, args: IJobArguments): Promise<boolean> {
    return this.next(() => this._carryOut(action, args));
  }

  /** The environment that all notebooks without a block share. */
  buildBase(): Promise<boolean> {
    return this.next(() => this._carryOut('base', {}));
  }

  async cancel(): Promise<void> {
    const { job } = this._held.state;
    if (job) {
      try {
        await this._context.api.cancelJob(job.id);
      } catch (reason) {
        this._held.dispatch({ problem: problemOf(reason) });
      }
      this.pulse.wake();
    }
  }

  /** A job that somebody else started for this kernel: this page before a reload, or another tab. */
  join(job: IJob): void {
    if (!this._seen.has(job.id)) {
      const based = this._document.block;
      void this.next(async () => {
        if (this._seen.has(job.id)) {
          return false;
        }
        const ended = await this._follow(job);
        if (ended.state === 'done' && ended.result) {
          await this._settle(ended, ended.result, [], based);
        }
        return true;
      });
    }
  }

  async heard(message: FromKernel): Promise<void> {
    switch (message.type) {
      case 'state':
        this._blocks.standings.tell(this._document.kernelId ?? '', message.standin);
        this._held.dispatch({ standin: message.standin, restart: message.restart });
        break;
      case 'progress':
        this._progress(message);
        break;
      case 'block':
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
      await this._blocks.publish(change.block);
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

  private _progress(line: IKernelProgress): void {
    if (line.event === 'phase' || line.event === 'progress') {
      const { phase = '', text = this._held.state.told?.text ?? '', done = 0, total = 0, fetched = [0, 0] } = line;
      const told = { phase, text, done, total, fetched };
      this._held.dispatch({ told, left: this._pace.left(told), done: '', problem: null });
    } else if (line.event === 'done' || line.event === 'failed' || line.event === 'cancelled') {
      this._pace = new Pace();
      this._held.dispatch({ told: null, left: null });
    }
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
          continue; // the document was changed meanwhile, and not by somebody who followed this job and was quicker
        }
        await this._settle(job, job.result, args.packages);
        return true;
      }
      const more = await agreed(this._context, job.error, args);
      if (more === null) {
        this._held.dispatch({
          problem: failure(job),
          done: job.state === 'cancelled' ? 'Stopped. Nothing has changed.' : ''
        });
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
    const kernel = document.kernel === 'ours' ? document.kernelId : null;
    const job =
      order === 'base'
        ? await api.startJob({ action: 'build', notebook: null, kernel: null, block: null, args })
        : await api.startJob({ action: order, notebook: this._held.state.path, kernel, block: document.block, args });
    return this._follow(job);
  }

  private async _follow(started: IJob): Promise<IJob> {
    const held = this._held;
    this._seen.add(started.id);
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

  /** `based`: the document's block when the job began; where it is another by now, whoever started the job decides. */
  private async _settle(
    job: IJob,
    result: IJobResult,
    asked: readonly string[] = [],
    based = this._document.block
  ): Promise<void> {
    const document = this._document;
    if (result.block && equal(based, document.block) && job.action !== 'build') {
      this._blocks.write(result.block);
    }
    if (document.kernel === 'ours') {
      await this._blocks.publish(document.block);
    } else {
      this._held.dispatch({ status: unsaved(document.block, result.environment) });
    }
    if (result.environment && !ofBase(job, result)) {
      document.tell({
        type: 'environment',
        block: document.block,
        environment: result.environment,
        changed: result.changed
      });
    }
    this._held.dispatch({ done: outcome(job, result, asked), notes: result.notes });
    if (this._held.state.standin) {
      void this.switched(document.kernelId);
    }
  }

  /** The server gives the session its real kernel; the page would hear of it late. */
  async switched(standin: string | null): Promise<void> {
    const document = this._document;
    for (let round = 0; round < SWITCH_ROUNDS && document.kernelId === standin; round += 1) {
      await new Promise(resolve => setTimeout(resolve, SWITCH_INTERVAL));
      if (this._held.gone) {
        return;
      }
      await this._context.refreshSessions().catch(() => undefined);
    }
  }

  /** Of what the kernel tells. */
  private _pace = new Pace();
  private _queue: Promise<boolean> = Promise.resolve(true);
  private readonly _seen = new Set<string>();
}

/** Whoever started it: a build of the base environment has no block. */
function ofBase(job: IJob, result: IJobResult): boolean {
  return job.action === 'build' && result.block === null;
}

function outcome(job: IJob, result: IJobResult, asked: readonly string[]): string {
  const seconds = result.seconds < 10 ? result.seconds.toFixed(1) : result.seconds.toFixed(0);
  if (job.action === 'build') {
    return `Built in ${seconds} s.`;
  }
  return result.satisfied && asked.length ? `${asked.join(', ')}: already installed.` : summary(result.changed, asked);
}
