/** What the parts of the extension, and other extensions, know of each other. */

import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import type {
  Block,
  IFact,
  IJob,
  IOffered,
  IOpinion,
  IPending,
  IProblem,
  IProgress,
  IProposal,
  IStatus,
  IWay,
  ToKernel
} from './api/wire';

/** The kernel that runs in a notebook's own environment. */
export const KERNEL = 'jupyter-envs';

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
  /** It runs in the base environment, although the notebook brings one of its own. */
  readonly without: boolean;
  /** `restart to use pandas 3.1.1` */
  readonly restart: string | null;
  /** What the kernel will see when it has time for it; null where it sees all of it. */
  readonly coming: readonly string[] | null;
  /** Names of packages of which the kernel does not see the version that is listed. */
  readonly late: readonly string[];
  /** A job that runs for this notebook. */
  readonly job: IJob | null;
  /** Seconds until what is being fetched is here; null where nobody knows. */
  readonly left: number | null;
  /** What the kernel tells of a change that was typed in a cell. */
  readonly told: IProgress | null;
  readonly problem: IProblem | null;
  /** What the last change did. */
  readonly done: string;
  readonly notes: readonly string[];
  /** A change that the document does not have yet. */
  readonly pending: IPending | null;
  readonly unsupported: string;
  /** Why the document does not keep what is installed, and what to do; empty where it does. */
  readonly unkept: string;
  /** Lists of other tools that a notebook without an environment could use. */
  readonly offered: readonly IOffered[];
  /** A question of the kernel's that this page cannot show: it was asked before the page was loaded, or in another window. */
  readonly asking: string;
}

/** The open document and its kernel, as the model needs them. */
export interface IDocument {
  /** API path. */
  readonly path: string;
  readonly kernel: KernelKind;
  readonly kernelId: string | null;
  readonly kernelName: string;
  readonly dirty: boolean;
  /** Other windows have the same document, and see what is written into it. */
  readonly shared: boolean;
  /** What is in the metadata, even if it is no block at all. Null: nothing. */
  readonly block: Block | null;
  write(block: Block | null): void;
  /** Over the comm; false where there is none. */
  tell(message: ToKernel): boolean;
  /** This page shows a question of the kernel's, which can be answered there. */
  readonly answering: boolean;
  interrupt(): Promise<void>;
  /** Lets the user restart the kernel. */
  restart(): Promise<void>;
  /** Gives the notebook the kernel that runs in its own environment. */
  adopt(): Promise<void>;
}

export type Answer = 'build' | 'without' | 'no';

export interface IBuildQuestion {
  readonly proposal: IProposal;
  readonly inquire: (fact: IFact) => Promise<IOpinion>;
  /** Whether to ask the index at once. */
  readonly look: boolean;
  /** Whether `without` is a possible answer. */
  readonly without: boolean;
}

/** Questions to the user. */
export interface IQuestions {
  build(question: IBuildQuestion): Promise<Answer>;
  /** Code of packages runs while they are built. */
  runCode(problem: IProblem, names: readonly string[]): Promise<boolean>;
  /** Code of packages runs whenever Python starts; `files` by name of the package. */
  startCode(problem: IProblem, files: Readonly<Record<string, readonly string[]>>): Promise<boolean>;
}

/** What a user can do; none of it rejects: what fails is shown as `problem`. */
export interface IActions {
  install(typed: string): Promise<boolean>;
  remove(name: string): Promise<boolean>;
  /** Takes over a list that was offered. */
  use(source: string): Promise<boolean>;
  upgrade(): Promise<boolean>;
  lock(): Promise<boolean>;
  /** Shows what would be built, unless that was approved before, and builds it after a yes. */
  build(): Promise<void>;
  /** The same, and asks the index about each package. */
  look(): Promise<void>;
  /** Builds what was just shown, and only that: `digest` is its consent digest. */
  accept(digest: string): Promise<void>;
  /** Makes the lock fit this machine, and builds it. */
  relock(): Promise<void>;
  /** Runs the notebook in the base environment. */
  without(): Promise<void>;
  cancel(): Promise<void>;
  restart(): Promise<void>;
  /** Stops what the kernel runs. */
  interrupt(): Promise<void>;
  adopt(): Promise<void>;
  /** Does what a way out of the present problem takes. */
  take(way: IWay): Promise<boolean>;
  /** Writes the pending block into the document. */
  record(): Promise<void>;
  /** The notebook stays as it is, and the pending block is forgotten. */
  decline(): Promise<void>;
  dismiss(): void;
}

/** Whether what answers only stands in for an environment that is not built. */
export type Standing = 'yes' | 'no' | 'unknown';

export interface INotebookEnvironment extends IActions {
  readonly state: IState;
  /** Of its state something is another. */
  readonly changed: ISignal<INotebookEnvironment, void>;
}

export interface INotebookEnvironments {
  /** The notebook in front. */
  readonly current: INotebookEnvironment | null;
  /** The title of what is in front and is no notebook: a console, the launcher; empty where nothing is. */
  readonly elsewhere: string;
  /** By the id of its panel. */
  get(id: string): INotebookEnvironment | undefined;
  /** What the server, or the kernel itself, has told of this kernel since it started. */
  standing(kernelId: string): Standing;
  /** How often it was restarted while a notebook of it was open: what it said of itself before that is void. */
  restarts(kernelId: string): number;
  /** A notebook was opened or closed, or another one is in front. */
  readonly changed: ISignal<INotebookEnvironments, void>;
  /** Somebody has told of a kernel what answers for it. */
  readonly learned: ISignal<INotebookEnvironments, void>;
}

export const INotebookEnvironments = new Token<INotebookEnvironments>(
  'jupyter-envs:INotebookEnvironments',
  'The environments of the open notebooks.'
);
