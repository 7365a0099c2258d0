/** What the parts of the extension, and other extensions, know of each other. */

import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import type { Block, IJob, IPending, IProblem, IProgress, IStatus, ToKernel } from './wire';

/** Whose kernel runs the notebook: `foreign` is not Python, `other` is a Python without environments of its own. */
export type KernelKind = 'ours' | 'other' | 'foreign' | 'none';

/** All that is shown of one notebook. Replaced, never changed. */
export interface IState {
  readonly path: string;
  readonly kernel: KernelKind;
  /** As people know it. */
  readonly kernelName: string;
  readonly status: IStatus | null;
  /** The version that runs, or would; empty where it is not known. */
  readonly python: string;
  readonly standin: boolean;
  /** `restart to use pandas 3.1.1` */
  readonly restart: string | null;
  /** A job that runs for this notebook. */
  readonly job: IJob | null;
  /** What the kernel tells of a change that was typed in a cell. */
  readonly told: IProgress | null;
  readonly problem: IProblem | null;
  /** What the last change did. */
  readonly done: string;
  readonly notes: readonly string[];
  /** A change that the document does not have yet. */
  readonly pending: IPending | null;
  readonly unsupported: string;
}

/** The open document and its kernel, as the model needs them. */
export interface IDocument {
  /** API path. */
  readonly path: string;
  readonly kernel: KernelKind;
  readonly kernelId: string | null;
  readonly kernelName: string;
  readonly dirty: boolean;
  /** What is in the metadata, even if it is no block at all. Null: nothing. */
  readonly block: Block | null;
  write(block: Block | null): void;
  /** Over the comm; lost where there is none, and the server has it in any case. */
  tell(message: ToKernel): void;
  /** Lets the user restart the kernel. */
  restart(): Promise<void>;
  /** Gives the notebook the kernel that runs in its own environment. */
  adopt(): Promise<void>;
}

/** What somebody has to agree to before a closure is built. */
export interface IProposal {
  readonly python: string;
  readonly bytes: number | null;
  readonly packages: readonly { readonly name: string; readonly version: string; readonly size: number | null; readonly new: boolean }[];
}

/** Questions to the user. */
export interface IQuestions {
  build(proposal: IProposal): Promise<boolean>;
  runCode(problem: IProblem, names: readonly string[]): Promise<boolean>;
}

/** What a user can do; none of it rejects: what fails is shown as `problem`. */
export interface IActions {
  install(typed: string): Promise<boolean>;
  remove(name: string): Promise<boolean>;
  upgrade(): Promise<boolean>;
  lock(): Promise<boolean>;
  build(): Promise<void>;
  cancel(): Promise<void>;
  restart(): Promise<void>;
  adopt(): Promise<void>;
  /** Writes the pending block into the document. */
  record(): Promise<void>;
  dismiss(): void;
}

export interface INotebookEnvironment extends IActions {
  readonly state: IState;
}

export interface INotebookEnvironments {
  /** The notebook in front. */
  readonly current: INotebookEnvironment | null;
  /** By the id of its panel. */
  get(id: string): INotebookEnvironment | undefined;
  /** Whether a kernel only stands in for an environment that is not built. */
  standsIn(kernelId: string): boolean;
  /** Anything of any notebook changed. */
  readonly changed: ISignal<INotebookEnvironments, void>;
}

export const INotebookEnvironments = new Token<INotebookEnvironments>(
  'jupyter-envs:INotebookEnvironments',
  'The environments of the open notebooks.'
);
