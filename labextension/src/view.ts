/** The one thing about a notebook's environment that matters most now. All that shows it asks here. */

import type { IState } from './tokens';
import type { IJob, IProgress, IStatus } from './api/wire';

export type View =
  | { readonly is: 'not-python' }
  /** `adoptable`: the notebook can have an environment of its own instead. */
  | { readonly is: 'shared-kernel'; readonly name: string; readonly adoptable: boolean }
  | { readonly is: 'unsupported'; readonly why: string }
  | IWorking
  /** The kernel waits for an answer that this page cannot give. */
  | { readonly is: 'asking'; readonly question: string }
  | { readonly is: 'restart-needed'; readonly why: string }
  /** The kernel will see these as soon as it has time for it. */
  | { readonly is: 'arriving'; readonly what: readonly string[] }
  | { readonly is: 'no-kernel' | 'looking' | 'unknown' }
  | ISettled;

/** Something changes; without a job, it is a cell that changes it. `left`: seconds. */
export interface IWorking {
  readonly is: 'working';
  readonly job: IJob | null;
  readonly progress: IProgress | null;
  readonly left: number | null;
}

/** `standin`: a stand-in waits for the environment; `without`: the kernel runs without it; `python`: a version, or nothing. */
export interface ISettled {
  readonly is: 'settled';
  /** Whether there is a kernel. */
  readonly running: boolean;
  readonly status: IStatus;
  readonly standin: boolean;
  readonly without: boolean;
  readonly python: string;
}

export function view(state: IState): View {
  const { kernel, job, told, left } = state;
  switch (kernel) {
    case 'foreign':
      return { is: 'not-python' };
    case 'other':
      return job
        ? { is: 'working', job, progress: job.progress, left }
        : { is: 'shared-kernel', name: state.kernelName, adoptable: !state.unsupported };
    case 'none':
    case 'ours':
      break;
  }
  if (state.unsupported) {
    return { is: 'unsupported', why: state.unsupported };
  }
  if (state.asking) {
    return { is: 'asking', question: state.asking };
  }
  if (job || told) {
    return { is: 'working', job, progress: job ? job.progress : told, left };
  }
  if (state.restart) {
    return { is: 'restart-needed', why: state.restart };
  }
  return state.coming ? { is: 'arriving', what: state.coming } : settled(state);
}

function settled({ kernel, status, problem, standin, without, python }: IState): View {
  if (status) {
    return { is: 'settled', running: kernel !== 'none', status, standin, without, python };
  }
  return { is: kernel === 'none' ? 'no-kernel' : problem ? 'unknown' : 'looking' };
}
