/** The state of one notebook before anything is known, what surrounds it, and what counts as the same block. */

import { JSONExt, type PartialJSONValue } from '@lumino/coreutils';

import type { IApi } from '../api/client';
import type { IQuestions, IState } from '../tokens';
import type { Block, IPending } from '../api/wire';

export const BLANK: IState = {
  path: '',
  kernel: 'none',
  kernelName: '',
  status: null,
  python: '',
  standin: false,
  without: false,
  restart: null,
  coming: null,
  late: [],
  job: null,
  left: null,
  told: null,
  problem: null,
  done: '',
  notes: [],
  pending: null,
  unsupported: '',
  unkept: '',
  offered: [],
  asking: ''
};

export interface IContext {
  readonly api: IApi;
  readonly questions: IQuestions;
  /** Asks the server which kernel each session has now. */
  readonly refreshSessions: () => Promise<void>;
}

export function equal(one: Block | null, other: Block | null): boolean {
  return JSONExt.deepEqual(one, other);
}

/**
 * Whether a document has this change already, and perhaps later ones: in a shared document, the page of somebody else may
 * have been quicker.
 */
export function includes(document: Block | null, { before, block }: IPending): boolean {
  const entry = history(block).pop();
  return entry !== undefined && !within(before, entry) && within(document, entry);
}

function within(block: Block | null, entry: PartialJSONValue): boolean {
  return history(block).some(other => JSONExt.deepEqual(other, entry));
}

function history(block: Block | null): PartialJSONValue[] {
  const entries = block?.history;
  return Array.isArray(entries) ? [...entries] : [];
}
