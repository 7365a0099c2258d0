/** The state of one notebook before anything is known, what surrounds it, and what counts as the same block. */

import { JSONExt } from '@lumino/coreutils';

import type { IApi } from './api';
import type { IQuestions, IState } from './tokens';
import type { Block } from './wire';

export const BLANK: IState = {
  path: '',
  kernel: 'none',
  kernelName: '',
  status: null,
  python: '',
  standin: false,
  without: false,
  restart: null,
  job: null,
  left: null,
  told: null,
  problem: null,
  done: '',
  notes: [],
  pending: null,
  unsupported: ''
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
