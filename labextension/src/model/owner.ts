/**
 * Whose a change is that waits: this document's for certain, or perhaps another notebook's that had its path or its name.
 * That two have no block says nothing: many have none.
 */

import { equal } from './state';
import type { Block, IJob, IPending, IWaiting } from '../api/wire';

/** The block that a job has made for a document to write. */
export function written(job: IJob): Block | null {
  return (job.state === 'done' && job.result?.block) || null;
}

/** For its kernel, or for this very block, or with nothing to write. */
export function isOwnJob({ job, before }: IWaiting, block: Block | null, kernelId: string | null): boolean {
  const made = written(job);
  const same = before !== null && equal(block, before);
  return made === null || equal(block, made) || same || (job.kernel !== null && job.kernel === kernelId);
}

/** Its kernel has it, or it was made from this very block. `agreed`: the kernel's block, as far as the server has said. */
export function isOwnChange(change: IPending, block: Block | null, agreed: Block | null): boolean {
  const { before, unsure = false } = change;
  return (change.block !== null && equal(change.block, agreed)) || (!unsure && before !== null && equal(before, block));
}
