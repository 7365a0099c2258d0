/** What goes over REST, events and the comm; `tests/wire/` holds examples. Written by docs/wire.py from the types
 * in `jupyter_envs/wire/`: change it there. */

import type { PartialJSONObject } from '@lumino/coreutils';

export const EVENTS = 'https://events.jupyter.org/jupyter_envs/change/v1';

/** `metadata.jupyter_envs` of a notebook; block.schema.json, in the package, has its schema. */
export type Block = PartialJSONObject;

/** What a kernel runs: its answer to a front end that comes or asks. */
export interface IKernelState {
  readonly type: 'state';
  readonly block: Block | null;
  readonly environment: IEnvironment | null;
  /** It waits for its environment, and runs no code. */
  readonly standin: boolean;
  /** `restart to use pandas 3.1.1` */
  readonly restart: string | null;
}

/** Package name: version before, version after; null where it was or will be absent. */
export type Changed = Readonly<Record<string, readonly [string | null, string | null]>>;

/** A change that was made in a cell: the notebook's metadata has to get the block. */
export interface IKernelBlock {
  readonly type: 'block';
  readonly before: Block | null;
  readonly block: Block | null;
  readonly changed: Changed;
  readonly environment: IEnvironment | null;
  /** `restart to use pandas 3.1.1` */
  readonly restart: string | null;
}

/** A line of the journal of a change that was typed in a cell. */
export interface IKernelProgress {
  readonly type: 'progress';
  readonly event: string;
  readonly phase?: string;
  readonly text?: string;
  readonly done?: number;
  readonly total?: number;
  readonly fetched?: readonly [number, number];
  readonly changed?: Changed;
}

/** A change that was made in the panel: the server has built it, and the document says so already. */
export interface INewEnvironment {
  readonly type: 'environment';
  readonly block: Block | null;
  readonly environment: IEnvironment;
  readonly changed: Changed;
}

/** The kernel is asked for its state. */
export interface IStateRequest {
  readonly type: 'state';
}

/** What this user approved, when, and how. */
export interface IConsent {
  readonly digest: string;
  readonly at: string;
  readonly how: string;
  readonly python: string;
  readonly packages: number;
}

/** What this user has approved. */
export interface IConsents {
  readonly consents: readonly IConsent[];
}

/** A yes to exactly what was shown. */
export interface INewConsent {
  readonly digest: string;
  readonly block: Block;
}

/** An environment that was built, with its places on the server's machine. */
export interface IEnvironment {
  readonly id: string;
  readonly prefix: string;
  readonly python: string;
  /** Of Python. */
  readonly version: string;
  readonly site: readonly string[];
  readonly bin: string;
  /** Name: version. */
  readonly packages: Readonly<Record<string, string>>;
  /** Locked by every kernel that runs from here. */
  readonly lease?: string;
}

/** An environment as the list of all shows it. */
export interface IStoredEnvironment {
  readonly id: string;
  /** Of Python. */
  readonly version: string;
  readonly packages: number;
  /** Bytes that are its alone. */
  readonly own: number;
  /** Bytes of the packages that it shares with others. */
  readonly shared: number;
  readonly created: string;
  readonly used: string;
  /** API paths of those that used it, the latest first; not of those that this server does not serve. */
  readonly notebooks: readonly string[];
  readonly running: boolean;
  /** `stale-python`: its Python was changed or removed since. Neither of the last two starts a kernel. */
  readonly state: 'damaged' | 'ready' | 'stale-python';
  /** It can be deleted; false in a store that others fill. */
  readonly mine: boolean;
}

/** The environments in the store, the one that was used last first. */
export interface IStoredEnvironments {
  readonly environments: readonly IStoredEnvironment[];
}

/** A Python of the server's machine. */
export interface IInterpreter {
  readonly version: string;
  readonly minor: string;
  readonly implementation: string;
  readonly arch: string;
  readonly path: string;
  readonly source: string;
  /** What a new notebook gets. */
  readonly default: boolean;
}

/** The Pythons of the server's machine, the newest first. */
export interface IInterpreters {
  readonly interpreters: readonly IInterpreter[];
}

/** An error: a code, one sentence, and an action. */
export interface IProblem {
  readonly code: string;
  readonly sentence: string;
  readonly hint: string;
  /** Raw text of a tool. */
  readonly details: string;
  readonly data: PartialJSONObject;
}

/** Why the server did not do it, also in Jupyter's own form. */
export interface IRefusal {
  readonly message: string;
  readonly reason: string;
  readonly error: IProblem;
}

/** A hint that a job, a kernel or an environment changed and that it is worth asking again. */
export interface IHint {
  /** What changed. */
  readonly what: 'environment' | 'job' | 'kernel';
  /** The id of the job, the kernel or the environment. */
  readonly id: string;
  /** For a job: running, done, failed, cancelled or interrupted. For a kernel: changed (its block), standin (it
   * waits for its environment), switched (its session has a new kernel). For an environment: built or deleted. */
  readonly state: string;
}

/** What an action needs besides. */
export interface IJobArguments {
  /** install, remove, upgrade. Requirements, or addresses that start with https or git+https. */
  readonly packages?: readonly string[];
  /** python: 3.12, or >=3.11 */
  readonly python?: string | null;
  /** The consent digest that the user saw. */
  readonly accept?: string | null;
  /** Names of packages whose code may run while they are built. */
  readonly allow_build?: readonly string[];
  /** Names of packages whose code may run whenever Python starts; asked for by the error `needs-review`. */
  readonly allow_startup?: readonly string[];
  /** gc: so long nothing must have used what goes; null takes the setting. */
  readonly days?: number | null;
  /** gc: only tell what would go. */
  readonly dry_run?: boolean;
  /** verify: only this one. */
  readonly environment?: string | null;
}

/** `build` without a block builds the base environment. `gc` and `verify` are for the store; `verify` without block
 * or environment compares all of it. */
export type Action = 'build' | 'gc' | 'install' | 'lock' | 'python' | 'remove' | 'undo' | 'upgrade' | 'verify';

/** A resolve, a change, a build, or work on the store. */
export interface INewJob {
  readonly action: Action;
  /** API path; a label. */
  readonly notebook?: string | null;
  /** The running kernel that it is for. */
  readonly kernel?: string | null;
  readonly block?: Block | null;
  readonly args?: IJobArguments;
}

/** How far a job is. */
export interface IProgress {
  /** python, resolve, download, build, install, verify or publish. */
  readonly phase: string;
  readonly text: string;
  readonly done: number;
  /** 0 where it is not known. */
  readonly total: number;
  /** Bytes that are here, judged by what is unpacked while a package comes, and of how many; 0 where that is not
   * known. */
  readonly fetched: readonly [number, number];
}

/** What a change or a build did. */
export interface IJobResult {
  readonly block: Block | null;
  readonly changed: Changed;
  readonly environment: IEnvironment | null;
  readonly notes: readonly string[];
  /** There was nothing to do. */
  readonly satisfied: boolean;
  readonly seconds: number;
}

/** What `gc` took away. */
export interface ICleaned {
  readonly environments: readonly string[];
  /** Unpacked packages that nothing links to. */
  readonly wheels: number;
  readonly leftovers: number;
  readonly bytes: number;
  /** The limit; null where there is none and nothing that was used goes. */
  readonly days: number | null;
  /** Nothing went, this is what would. */
  readonly dry_run: boolean;
}

/** What `verify` found in one environment. */
export interface IVerifiedEnvironment {
  readonly id: string;
  /** A sentence for each file that differs. */
  readonly damage: readonly string[];
  /** It is no longer used and will be built anew. */
  readonly withdrawn: boolean;
}

/** What `verify` found. */
export interface IVerified {
  readonly environments: readonly IVerifiedEnvironment[];
  /** How many. */
  readonly damaged: number;
}

/** What changes or builds one environment. */
export type ChangeAction = 'build' | 'install' | 'lock' | 'python' | 'remove' | 'undo' | 'upgrade';

export type JobState = 'cancelled' | 'done' | 'failed' | 'interrupted' | 'running';

/** A change or a build. */
export interface IJob {
  readonly id: string;
  readonly action: ChangeAction;
  /** API path. */
  readonly notebook: string | null;
  readonly kernel: string | null;
  readonly state: JobState;
  readonly progress: IProgress | null;
  /** Known before it is done. */
  readonly changed: Changed | null;
  readonly notes: readonly string[];
  readonly result: IJobResult | null;
  readonly error: IProblem | null;
  readonly started: string;
  readonly ended: string | null;
}

/** A cleaning of the store. */
export interface ICleaningJob {
  readonly id: string;
  readonly action: 'gc';
  /** API path. */
  readonly notebook: string | null;
  readonly kernel: string | null;
  readonly state: JobState;
  readonly progress: IProgress | null;
  /** Known before it is done. */
  readonly changed: Changed | null;
  readonly notes: readonly string[];
  readonly result: ICleaned | null;
  readonly error: IProblem | null;
  readonly started: string;
  readonly ended: string | null;
}

/** A comparison of the store with what was installed. */
export interface IVerifyingJob {
  readonly id: string;
  readonly action: 'verify';
  /** API path. */
  readonly notebook: string | null;
  readonly kernel: string | null;
  readonly state: JobState;
  readonly progress: IProgress | null;
  /** Known before it is done. */
  readonly changed: Changed | null;
  readonly notes: readonly string[];
  readonly result: IVerified | null;
  readonly error: IProblem | null;
  readonly started: string;
  readonly ended: string | null;
}

/** Jobs, newest first; those of earlier servers too. */
export interface IJobs {
  readonly jobs: readonly AnyJob[];
}

/** A named kernel for the environment of one notebook. */
export interface IKernelspec {
  readonly name: string;
  readonly display_name: string;
  /** API path. */
  readonly notebook: string | null;
  /** Its id, where the kernel is not for a notebook. */
  readonly environment: string | null;
}

/** Named kernels. */
export interface IKernelspecs {
  readonly kernelspecs: readonly IKernelspec[];
}

/** A name for a notebook's environment. */
export interface INewKernelspec {
  /** API path. */
  readonly notebook: string;
  readonly name: string;
  readonly display_name?: string | null;
}

/** A change made while no document was open; it is told until the saved notebook has the block. */
export interface IPending {
  readonly before: Block | null;
  readonly block: Block | null;
}

/** What a saved notebook brings. */
export interface INotebook {
  /** API path. */
  readonly path: string;
  readonly status: IStatus;
  readonly pending: IPending | null;
  /** Only there where this server cannot give environments to kernels. Why, in a sentence. */
  readonly unsupported?: string;
}

/** What a running kernel runs. */
export interface IKernel {
  readonly id: string;
  /** API path. */
  readonly notebook: string | null;
  readonly block: Block | null;
  readonly environment: IEnvironment | null;
  /** It runs in the base environment. */
  readonly base: boolean;
  /** It waits for its environment, and runs no code. */
  readonly standin: boolean;
  /** It runs in the base environment, although the notebook brings its own. */
  readonly without: boolean;
  readonly status: IStatus;
  /** The job that runs for this kernel. */
  readonly job: IJob | null;
  /** Only there where this server cannot give environments to kernels. Why, in a sentence. */
  readonly unsupported?: string;
}

/** The block that the next restart of a kernel takes. */
export interface INewBlock {
  readonly block: Block | null;
}

/** No field. */
export type INothing = Readonly<Record<string, never>>;

/** One package of a notebook's lock, as it is in its environment. */
export interface IPackage {
  readonly name: string;
  readonly version: string;
  /** Bytes to fetch. */
  readonly size: number | null;
  readonly kind: 'directory' | 'sdist' | 'vcs' | 'wheel';
  /** The notebook's list names it. */
  readonly declared: boolean;
}

/** `source`: its code runs while it is built. `address`: it comes from no index, but from `address`. `lookalike`:
 * its name is one letter away from `like`, a very popular one. `young`: published within the last seven days. */
export type Mark = 'address' | 'lookalike' | 'source' | 'young';

/** What block and this machine know of one package. No index was asked. */
export interface IFact {
  readonly name: string;
  readonly version: string;
  /** Bytes to fetch. */
  readonly size: number | null;
  readonly kind: 'directory' | 'sdist' | 'vcs' | 'wheel';
  /** The notebook's list names it. */
  readonly declared: boolean;
  /** Its file was never approved on this machine. */
  readonly new: boolean;
  /** Null: the default one. */
  readonly index: string | null;
  /** As the lock says. */
  readonly uploaded: string | null;
  readonly marks: readonly Mark[];
  readonly like: string | null;
  /** Where it comes from, if from no index. */
  readonly address?: string;
}

/** A Python that would be fetched, since it is not here. */
export interface IFetch {
  readonly version: string;
  /** A host, or a folder of the server's machine. */
  readonly source: string;
  /** Bytes; null where that is only known once it comes. */
  readonly size: number | null;
}

/** What somebody has to agree to; also the data of the errors `consent-needed` and `closure-changed`. */
export interface IProposal {
  readonly digest: string;
  /** A minor. */
  readonly python: string;
  /** To fetch. */
  readonly bytes: number | null;
  /** Packages whose file was never approved here. */
  readonly new: readonly string[];
  /** Where its files come from; empty: the default index. */
  readonly indexes: readonly string[];
  /** New ones first, declared ones before what they need. */
  readonly packages: readonly IFact[];
  /** What the notebook's list asks for and these packages do not show: requirements of other systems or Pythons,
   * extras, limits that hold a version back, indexes, a date. A yes to a change is a yes to these too. */
  readonly beyond?: readonly string[];
  /** The Python that would be fetched for it. */
  readonly fetch?: IFetch;
}

/** A known weakness of one version. */
export interface IAdvisory {
  readonly id: string;
  readonly summary: string;
}

/** What its index says of one version of a package. */
export interface IOpinion {
  readonly name: string;
  readonly version: string;
  /** The newest version that is not withdrawn. */
  readonly newest: string | null;
  /** Why it was withdrawn, as far as its authors say; null: it was not. */
  readonly yanked: string | null;
  readonly uploaded: string | null;
  /** Null: the index does not tell. */
  readonly advisories: readonly IAdvisory[] | null;
  /** Why nothing could be found out; empty where something was. */
  readonly problem: string;
}

/** The Python of a notebook's environment. */
export interface IStatusPython {
  readonly requires: string | null;
  /** A minor. */
  readonly locked: string | null;
  /** What it would run with here. */
  readonly version: string | null;
  readonly path: string | null;
}

/** One line of the notebook's list. */
export interface IDependency {
  readonly requirement: string;
  readonly name: string;
  readonly version: string | null;
}

/** What somebody has to agree to, and whether that was done. */
export interface IStatusConsent extends IProposal {
  readonly approved: boolean;
}

/** `changed`: the lock is older than the list. `invalid`: the block cannot be read. `failed` only for kernels: the
 * kernel died, or the store cannot be used. */
export type StatusState = 'changed' | 'failed' | 'invalid' | 'no-block' | 'no-python' | 'not-built' | 'ready';

/** What a notebook brings, and whether it can run here. */
export interface IStatus {
  readonly state: StatusState;
  readonly sentence: string;
  /** Of the block. */
  readonly digest: string | null;
  readonly python: IStatusPython;
  readonly dependencies: readonly IDependency[];
  readonly packages: readonly IPackage[];
  readonly environment: IEnvironment | null;
  readonly consent: IStatusConsent | null;
  readonly error: IProblem | null;
  readonly notes: readonly string[];
}

/** What a kernel sends. */
export type FromKernel = IKernelState | IKernelBlock | IKernelProgress;

/** What a front end sends. */
export type ToKernel = INewEnvironment | IStateRequest;

/** Whatever was asked. */
export type AnyJob = IJob | ICleaningJob | IVerifyingJob;
