/** What goes over REST, events and the comm, as `rest-api.yml` has it. `tests/wire/` holds an example of each. */

import type { PartialJSONObject } from '@lumino/coreutils';

/** `metadata.jupyter_envs`. Only server and kernel look inside; here it is compared and handed on. */
export type Block = PartialJSONObject;

export interface IProblem {
  readonly code: string;
  readonly sentence: string;
  readonly hint: string;
  /** Raw text of a tool. */
  readonly details: string;
  readonly data: PartialJSONObject;
}

export interface IEnvironment {
  readonly id: string;
  readonly version: string;
  readonly packages: Readonly<Record<string, string>>;
}

export interface IDependency {
  readonly requirement: string;
  readonly name: string;
  readonly version: string | null;
}

export interface IPackage {
  readonly name: string;
  readonly version: string;
  /** Bytes to fetch. */
  readonly size: number | null;
  readonly kind: 'wheel' | 'sdist' | 'vcs' | 'directory';
  readonly declared: boolean;
}

/** `source`: its code runs while it is built; `address`: it comes from `address`, no index; `lookalike`: its name is one
 * letter away from `like`, a very popular one; `young`: published within the last days. */
export type Mark = 'source' | 'address' | 'lookalike' | 'young';

/** One package of a closure, as block and this machine know it: no index was asked. */
export interface IFact {
  readonly name: string;
  readonly version: string;
  /** Bytes to fetch. */
  readonly size: number | null;
  readonly kind: 'wheel' | 'sdist' | 'vcs' | 'directory';
  readonly declared: boolean;
  /** Its file was never approved on this machine. */
  readonly new: boolean;
  /** Null: the default one. */
  readonly index: string | null;
  readonly uploaded: string | null;
  readonly marks: readonly Mark[];
  readonly like: string | null;
  readonly address?: string;
}

/** A Python that is not here. */
export interface IFetch {
  readonly version: string;
  /** A host, or a folder of the server's machine. */
  readonly source: string;
  /** Bytes; null where that is only known once it comes. */
  readonly size: number | null;
}

/** What somebody has to agree to before a closure is built. */
export interface IProposal {
  readonly digest: string;
  readonly python: string;
  readonly bytes: number | null;
  readonly new: readonly string[];
  readonly indexes: readonly string[];
  /** New ones first, declared ones before what they need. */
  readonly packages: readonly IFact[];
  /** What the notebook's list asks for and these packages do not show. */
  readonly beyond?: readonly string[];
  /** The Python that would be fetched for it. */
  readonly fetch?: IFetch;
}

/** What its index says of one version of a package. */
export interface IOpinion {
  readonly name: string;
  readonly version: string;
  readonly newest: string | null;
  /** Null: it is not withdrawn. Else why, as far as its authors said. */
  readonly yanked: string | null;
  readonly uploaded: string | null;
  /** Null: the index does not tell. */
  readonly advisories: readonly { readonly id: string; readonly summary: string }[] | null;
  /** Why nothing could be found out; empty where something was. */
  readonly problem: string;
}

export interface IConsent extends IProposal {
  readonly approved: boolean;
}

export type StatusState = 'no-block' | 'ready' | 'changed' | 'not-built' | 'invalid' | 'no-python' | 'failed';

export interface IStatus {
  readonly state: StatusState;
  readonly sentence: string;
  readonly digest: string | null;
  readonly python: {
    readonly requires: string | null;
    readonly locked: string | null;
    readonly version: string | null;
    readonly path: string | null;
  };
  readonly dependencies: readonly IDependency[];
  readonly packages: readonly IPackage[];
  readonly environment: IEnvironment | null;
  readonly consent: IConsent | null;
  readonly error: IProblem | null;
  readonly notes: readonly string[];
}

/** Name: version before, version after; null where it was or will be absent. */
export type Changed = Readonly<Record<string, readonly [string | null, string | null]>>;

export interface IProgress {
  readonly phase: string;
  readonly text: string;
  readonly done: number;
  /** 0 where it is not known. */
  readonly total: number;
  /** Bytes that are here, and of how many; 0 where that is not known. */
  readonly fetched: readonly [number, number];
}

export interface IJobResult {
  readonly block: Block | null;
  readonly changed: Changed;
  readonly environment: IEnvironment | null;
  readonly notes: readonly string[];
  readonly satisfied: boolean;
  readonly seconds: number;
}

export type Action = 'lock' | 'install' | 'remove' | 'upgrade' | 'undo' | 'python' | 'build' | 'gc' | 'verify';

export interface IJob {
  readonly id: string;
  readonly action: Action;
  readonly notebook: string | null;
  readonly kernel: string | null;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled' | 'interrupted';
  readonly progress: IProgress | null;
  readonly changed: Changed | null;
  readonly notes: readonly string[];
  readonly result: IJobResult | null;
  readonly error: IProblem | null;
  readonly started: string;
  readonly ended: string | null;
}

export interface IJobArguments {
  readonly packages?: readonly string[];
  readonly python?: string;
  /** The consent digest that the user saw. */
  readonly accept?: string;
  /** Packages whose code may run while they are built. */
  readonly allow_build?: readonly string[];
  /** Packages whose code may run whenever Python starts. */
  readonly allow_startup?: readonly string[];
}

export interface INewJob {
  readonly action: Action;
  readonly notebook: string | null;
  readonly kernel: string | null;
  readonly block: Block | null;
  readonly args: IJobArguments;
}

export interface IPending {
  readonly before: Block | null;
  readonly block: Block | null;
}

export interface INotebook {
  readonly path: string;
  readonly status: IStatus;
  readonly pending: IPending | null;
  readonly unsupported?: string;
}

export interface IKernel {
  readonly id: string;
  readonly notebook: string | null;
  readonly block: Block | null;
  readonly environment: IEnvironment | null;
  readonly base: boolean;
  readonly standin: boolean;
  /** It runs in the base environment, although the notebook brings one of its own. */
  readonly without: boolean;
  readonly status: IStatus;
  readonly job: IJob | null;
  readonly unsupported?: string;
}

export const EVENTS = 'https://events.jupyter.org/jupyter_envs/change/v1';

export interface IHint {
  readonly what: 'job' | 'kernel' | 'environment';
  readonly id: string;
  readonly state: string;
}

export interface IKernelState {
  readonly type: 'state';
  readonly block: Block | null;
  readonly environment: IEnvironment | null;
  readonly standin: boolean;
  readonly restart: string | null;
}

export interface IKernelBlock {
  readonly type: 'block';
  readonly before: Block | null;
  readonly block: Block | null;
  readonly changed: Changed;
  readonly environment: IEnvironment | null;
  readonly restart: string | null;
}

export interface IKernelProgress {
  readonly type: 'progress';
  readonly event: string;
  readonly phase?: string;
  readonly text?: string;
  readonly done?: number;
  readonly total?: number;
  readonly fetched?: readonly [number, number];
}

export type FromKernel = IKernelState | IKernelBlock | IKernelProgress;

export type ToKernel =
  | {
      readonly type: 'environment';
      readonly block: Block | null;
      readonly environment: IEnvironment;
      readonly changed: Changed;
    }
  | { readonly type: 'state' };
