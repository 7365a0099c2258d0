/** Following a job to its end. Polls: events are only hints, and a busy kernel can tell nothing. */

import { problem, Refusal } from '../api/client';
import type { AnyJob, Block, IJobArguments, IProblem } from '../api/wire';

/** Milliseconds; a short job is seen at once, a long one need not be asked all the time. */
const INTERVALS = [150, 250, 250];
const INTERVAL = 500;
const PATIENCE = 20;

/** A wait that can be cut short. */
export class Pulse {
  wait(milliseconds: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, milliseconds);
      this._wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  wake(): void {
    this._wake();
  }

  private _wake: () => void = () => undefined;
}

export interface IFollowing<J extends AnyJob> {
  readonly pulse: Pulse;
  readonly told: (job: J) => void;
  readonly gone: () => boolean;
}

/** Until it has ended, or nobody wants to know. Rejects when the server stays away. */
export async function follow<J extends AnyJob>(
  api: { job(id: string): Promise<J> },
  started: J,
  following: IFollowing<J>
): Promise<J> {
  let job = started;
  let missed = 0;
  for (let round = 0; job.state === 'running' && !following.gone(); round += 1) {
    following.told(job);
    await following.pulse.wait((INTERVALS[round] ?? INTERVAL) * (1 + missed));
    try {
      job = await api.job(job.id);
      missed = 0;
    } catch (reason) {
      missed += 1;
      const away = reason instanceof Refusal && (reason.status === 0 || reason.status >= 500);
      if (!away || missed > PATIENCE) {
        throw reason;
      }
    }
  }
  return job;
}

/** What a change that was based on another block did, so that it can be done again on the document's. */
export function again(before: Block | null, after: Block | null): { install: string[]; remove: string[] } {
  const old = dependencies(before);
  const now = dependencies(after);
  const install = now.filter(item => !old.includes(item));
  const names = new Set(now.map(nameOf));
  return { install, remove: old.map(nameOf).filter(name => !names.has(name)) };
}

export function dependencies(block: Block | null): string[] {
  const list = block?.dependencies;
  return Array.isArray(list) ? list.filter((item): item is string => typeof item === 'string') : [];
}

/** Normalised, as the index has it. */
export function nameOf(requirement: string): string {
  const name = /^[A-Za-z0-9][A-Za-z0-9._-]*/.exec(requirement)?.[0] ?? requirement;
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

/** What an order names: of what somebody typed, each word might be one. */
export function namesOf({ packages = [], typed }: IJobArguments): string[] {
  const words = typed?.split(/[\s,;"']+/) ?? packages;
  return words.filter(word => /^\w/.test(word)).map(nameOf);
}

/** Why a job did not end as it should, or null. */
export function failure(job: AnyJob): IProblem | null {
  if (job.state === 'done' || job.state === 'cancelled' || job.state === 'running') {
    return null;
  }
  return job.error ?? problem('job-failed', 'It did not work, and no reason was given.', 'Try again.');
}
