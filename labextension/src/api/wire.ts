/** What goes over REST, events and the comm; `tests/wire/` holds examples. Written by docs/wire.py from the types
 * in `jupyter_envs/wire/`: change it there. It is one file, however long, because nobody writes it by hand. */

import type { PartialJSONObject } from '@lumino/coreutils';

export const EVENTS = 'https://events.jupyter.org/jupyter_envs/change/v1';

/** `metadata.jupyter_envs` of a notebook; block.schema.json, in the package, has its schema. */
export type Block = PartialJSONObject;

/** What a kernel runs: sent when a front end connects or asks. */
export interface IKernelState {
  readonly type: 'state';
  readonly block: Block | null;
  readonly environment: IEnvironment | null;
  /** It waits for its environment, and cannot run code. */
  readonly standin: boolean;
  /** Why the kernel should be restarted, for example `restart to use pandas 3.1.1`. */
  readonly restart: string | null;
}

/** Package name: version before, version after; null where it was or will be absent. */
export type Changed = Readonly<Record<string, readonly [string | null, string | null]>>;

/** A change that was made in a cell: the front end has to write the block into the notebook's metadata. */
export interface IKernelBlock {
  readonly type: 'block';
  readonly before: Block | null;
  readonly block: Block | null;
  readonly changed: Changed;
  readonly environment: IEnvironment | null;
  /** Why the kernel should be restarted, for example `restart to use pandas 3.1.1`. */
  readonly restart: string | null;
}

/** A line of the journal of a change that was made in a cell. */
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

/** A change that was made in the panel: the environment is built, and the notebook's metadata has the block. */
export interface INewEnvironment {
  readonly type: 'environment';
  readonly block: Block | null;
  readonly environment: IEnvironment;
  readonly changed: Changed;
}

/** A front end asks for the state. */
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

/** The user approves exactly what was shown. */
export interface INewConsent {
  readonly digest: string;
  readonly block: Block;
}

/** An environment that is built, and where it is on the server's machine. */
export interface IEnvironment {
  readonly id: string;
  readonly prefix: string;
  readonly python: string;
  /** The version of Python. */
  readonly version: string;
  readonly site: readonly string[];
  readonly bin: string;
  /** Name of a package: its version. */
  readonly packages: Readonly<Record<string, string>>;
  /** A file that every kernel of this environment keeps locked. */
  readonly lease?: string;
}

/** One row of the list of all environments. */
export interface IStoredEnvironment {
  readonly id: string;
  /** The version of Python. */
  readonly version: string;
  readonly packages: number;
  /** Bytes that only this environment uses. */
  readonly own: number;
  /** Bytes of packages that it shares with other environments. */
  readonly shared: number;
  readonly created: string;
  readonly used: string;
  /** API paths of the notebooks that used it, the latest first; without those that this server does not serve. */
  readonly notebooks: readonly string[];
  readonly running: boolean;
  /** `stale-python`: its Python was changed or removed since it was built; `outdated`: an older version made it, or
   * one elsewhere on the machine. Only a `ready` one can start a kernel; others are built again first. */
  readonly state: 'damaged' | 'outdated' | 'ready' | 'stale-python';
  /** It can be deleted. False if somebody else manages the store that it is in. */
  readonly mine: boolean;
}

/** The environments in the store, the most recently used first. */
export interface IStoredEnvironments {
  readonly environments: readonly IStoredEnvironment[];
}

/** A Python on the server's machine. */
export interface IInterpreter {
  readonly version: string;
  readonly minor: string;
  readonly implementation: string;
  readonly arch: string;
  readonly path: string;
  readonly source: string;
  /** New notebooks get this one. */
  readonly default: boolean;
}

/** The Pythons on the server's machine, the newest first. */
export interface IInterpreters {
  readonly interpreters: readonly IInterpreter[];
}

/** One change, as a job carries it out. */
export interface IStep {
  readonly action: 'install' | 'python';
  /** For install: requirements. */
  readonly packages: readonly string[];
  /** For python: a version like 3.12. */
  readonly python: string | null;
  /** Names of packages that may be built from source, which runs their code. */
  readonly allow_build: readonly string[];
}

/** `python`: another Python. `version`: another version. `name`: the package that was meant. `limit`: without a
 * limit that was given. `condition`: on some systems only. `without`: the rest of what was asked for. `build`:
 * built from source, which runs its code. */
export type WayCode = 'build' | 'condition' | 'limit' | 'name' | 'python' | 'version' | 'without';

/** A way out of an error, in the list `ways` of its data: the changes that it takes, in their order. It was tried,
 * as far as that was possible in time. */
export interface IWay {
  readonly code: WayCode;
  /** What a button says. */
  readonly words: string;
  readonly steps: readonly IStep[];
}

/** An error: a stable code, one sentence, and what to do. */
export interface IProblem {
  readonly code: string;
  readonly sentence: string;
  readonly hint: string;
  /** What a tool printed. */
  readonly details: string;
  readonly data: PartialJSONObject;
}

/** Why the server refused a request; `message` and `reason` are what Jupyter's own errors have. */
export interface IRefusal {
  readonly message: string;
  readonly reason: string;
  readonly error: IProblem;
}

/** A hint that a job, a kernel or an environment changed, so that it is worth asking again. */
export interface IHint {
  /** What changed. */
  readonly what: 'environment' | 'job' | 'kernel';
  /** The id of the job, the kernel or the environment. */
  readonly id: string;
  /** For a job: running, done, failed, cancelled or interrupted. For a kernel: changed (its block), standin (it
   * waits for its environment), switched (its session has a new kernel). For an environment: built or deleted. */
  readonly state: string;
}

/** Further arguments of an action. */
export interface IJobArguments {
  /** For install, remove and upgrade: requirements, or addresses that start with https or git+https. */
  readonly packages?: readonly string[];
  /** For install, in place of packages: what somebody typed, as it stands behind `pip install`. Paths start from the
   * notebook's folder. */
  readonly typed?: string | null;
  /** For python: a version like 3.12, or >=3.11. */
  readonly python?: string | null;
  /** For import: the name of a list that was offered. */
  readonly source?: string | null;
  /** The consent digest that the user saw. */
  readonly accept?: string | null;
  /** Names of packages that may be built from source, which runs their code. */
  readonly allow_build?: readonly string[];
  /** Names of packages whose code may run whenever Python starts; the error `needs-review` asks for this. */
  readonly allow_startup?: readonly string[];
  /** For gc: delete what has not been used for this many days; null uses the setting. */
  readonly days?: number | null;
  /** For gc: only report what would be deleted. */
  readonly dry_run?: boolean;
  /** For verify: check only this one. */
  readonly environment?: string | null;
}

/** `import` takes a list that was offered. `build` without a block builds the base environment. `gc` cleans the
 * store, `verify` checks its files: those of one environment, or all if there is neither a block nor an
 * environment. */
export type Action =
  'build' | 'gc' | 'import' | 'install' | 'lock' | 'python' | 'remove' | 'undo' | 'upgrade' | 'verify';

/** A request to change or build an environment, or to clean or check the store. */
export interface INewJob {
  readonly action: Action;
  /** API path; only to label the job. */
  readonly notebook?: string | null;
  /** The id of the running kernel that it is for. */
  readonly kernel?: string | null;
  readonly block?: Block | null;
  readonly args?: IJobArguments;
}

/** The progress of a job. */
export interface IProgress {
  /** python, resolve, download, build, install, verify or publish. */
  readonly phase: string;
  readonly text: string;
  readonly done: number;
  /** 0 if unknown. */
  readonly total: number;
  /** Bytes downloaded, estimated from what is unpacked, and bytes in total; 0 if unknown. */
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

/** What `gc` deleted. */
export interface ICleaned {
  readonly environments: readonly string[];
  /** Unpacked packages that no environment uses. */
  readonly wheels: number;
  readonly leftovers: number;
  readonly bytes: number;
  /** Environments that were not used for this many days were deleted; null if there is no limit. */
  readonly days: number | null;
  /** Nothing was deleted; this is what would be. */
  readonly dry_run: boolean;
}

/** What `verify` found in one environment. */
export interface IVerifiedEnvironment {
  readonly id: string;
  /** A sentence for each file that has changed. */
  readonly damage: readonly string[];
  /** It is no longer used, and will be rebuilt. */
  readonly withdrawn: boolean;
}

/** What `verify` found. */
export interface IVerified {
  readonly environments: readonly IVerifiedEnvironment[];
  /** How many of them. */
  readonly damaged: number;
}

/** An action that changes or builds one environment. */
export type ChangeAction = 'build' | 'import' | 'install' | 'lock' | 'python' | 'remove' | 'undo' | 'upgrade';

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
  /** What will change; known before anything is installed. */
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
  /** What will change; known before anything is installed. */
  readonly changed: Changed | null;
  readonly notes: readonly string[];
  readonly result: ICleaned | null;
  readonly error: IProblem | null;
  readonly started: string;
  readonly ended: string | null;
}

/** A check of the files in the store. */
export interface IVerifyingJob {
  readonly id: string;
  readonly action: 'verify';
  /** API path. */
  readonly notebook: string | null;
  readonly kernel: string | null;
  readonly state: JobState;
  readonly progress: IProgress | null;
  /** What will change; known before anything is installed. */
  readonly changed: Changed | null;
  readonly notes: readonly string[];
  readonly result: IVerified | null;
  readonly error: IProblem | null;
  readonly started: string;
  readonly ended: string | null;
}

/** Jobs, the newest first; also those that earlier servers started. */
export interface IJobs {
  readonly jobs: readonly AnyJob[];
}

/** A named kernel for the environment of one notebook. */
export interface IKernelspec {
  readonly name: string;
  readonly display_name: string;
  /** API path. */
  readonly notebook: string | null;
  /** The id of the environment, if the kernel is not for a notebook. */
  readonly environment: string | null;
}

/** Named kernels. */
export interface IKernelspecs {
  readonly kernelspecs: readonly IKernelspec[];
}

/** A request for a named kernel. */
export interface INewKernelspec {
  /** API path. */
  readonly notebook: string;
  readonly name: string;
  readonly display_name?: string | null;
}

/** A change made while the notebook was not open. It is listed until the saved notebook has the block. */
export interface IPending {
  readonly before: Block | null;
  readonly block: Block | null;
  /** It was made for a notebook of another name, which is gone: this one may be a copy. Absent otherwise. */
  readonly unsure?: boolean;
}

/** A change or a build that has ended, and that no page has shown yet. */
export interface IWaiting {
  readonly job: IJob;
  /** The block that it changed. */
  readonly before: Block | null;
}

/** A list of another tool, in a notebook that has no environment, or beside it. */
export interface IOffered {
  /** What the action `import` takes as its source. */
  readonly name: string;
  /** For example juv. */
  readonly dialect: string;
  /** The part of the notebook, or the name of the file. */
  readonly where: string;
  readonly packages: number;
  /** Whether exact versions are in it, too. */
  readonly locked: boolean;
  /** `juv: 3 packages, locked` */
  readonly sentence: string;
}

/** A saved notebook and its environment. */
export interface INotebook {
  /** API path. */
  readonly path: string;
  readonly status: IStatus;
  readonly pending: IPending | null;
  /** The change or build that runs for this notebook. */
  readonly job: IJob | null;
  readonly waiting: IWaiting | null;
  /** Why this server cannot give environments to kernels, in a sentence; absent if it can. */
  readonly unsupported?: string;
  /** Why the document does not keep its environment when it is saved, and what to do; absent if it keeps it. */
  readonly unkept?: string;
  /** Lists that the notebook could use; absent if it has an environment, or there is none. */
  readonly offered?: readonly IOffered[];
}

/** A running kernel and its environment. */
export interface IKernel {
  readonly id: string;
  /** API path. */
  readonly notebook: string | null;
  readonly block: Block | null;
  /** What its code can import from now. */
  readonly environment: IEnvironment | null;
  /** The environment of its block, if that is built and the kernel does not see it yet, or was told of another one
   * since. */
  readonly next: IEnvironment | null;
  /** Why the kernel cannot see it without a restart, for example `restart to use pandas 3.1.1`; null while the
   * kernel was not told of it, or has not answered. */
  readonly restart: string | null;
  /** A question about packages that the kernel has asked, and that waits for an answer. */
  readonly asking: string | null;
  /** It runs in the base environment. */
  readonly base: boolean;
  /** It waits for its environment, and cannot run code. */
  readonly standin: boolean;
  /** It runs in the base environment, although the notebook has an environment of its own. */
  readonly without: boolean;
  readonly status: IStatus;
  /** The change or build that runs for this kernel. */
  readonly job: IJob | null;
  readonly waiting: IWaiting | null;
  /** Why this server cannot give environments to kernels, in a sentence; absent if it can. */
  readonly unsupported?: string;
  /** Why the document does not keep its environment when it is saved, and what to do; absent if it keeps it. */
  readonly unkept?: string;
  /** Lists that the notebook could use; absent if it has an environment, or there is none. */
  readonly offered?: readonly IOffered[];
}

/** The block that the kernel uses after its next restart. */
export interface INewBlock {
  readonly block: Block | null;
  /** The digest of the block that it was made from: refused with 409 if the kernel has another one by now. Absent:
   * it counts in any case. */
  readonly before?: string | null;
}

/** A change that waits for a notebook, and that nobody wants. */
export interface IDeclined {
  /** API path. */
  readonly notebook: string;
  readonly before: Block | null;
  /** As it was offered: another one that waits by now goes on waiting. */
  readonly block: Block | null;
}

/** An empty object. */
export type INothing = Readonly<Record<string, never>>;

/** One package of a notebook's lock. */
export interface IPackage {
  readonly name: string;
  readonly version: string;
  /** Bytes to download. */
  readonly size: number | null;
  readonly kind: 'directory' | 'sdist' | 'vcs' | 'wheel';
  /** The notebook's list names it. */
  readonly declared: boolean;
}

/** `source`: it is built from source, which runs its code. `address`: it comes from `address`, not from an index.
 * `lookalike`: its name is one letter away from the very popular name `like`. `young`: it was published within the
 * last seven days. */
export type Mark = 'address' | 'lookalike' | 'source' | 'young';

/** What the notebook and this machine know about one package, without asking an index. */
export interface IFact {
  readonly name: string;
  readonly version: string;
  /** Bytes to download. */
  readonly size: number | null;
  readonly kind: 'directory' | 'sdist' | 'vcs' | 'wheel';
  /** The notebook's list names it. */
  readonly declared: boolean;
  /** Its file was never approved on this machine. */
  readonly new: boolean;
  /** Null: the default index. */
  readonly index: string | null;
  /** According to the lock. */
  readonly uploaded: string | null;
  readonly marks: readonly Mark[];
  readonly like: string | null;
  /** Where it comes from, if not from an index. */
  readonly address?: string;
}

/** A Python that is not installed and would be downloaded. */
export interface IFetch {
  readonly version: string;
  /** A host, or a folder of the server's machine. */
  readonly source: string;
  /** Bytes; null if that is only known when the download starts. */
  readonly size: number | null;
}

/** What somebody has to approve; also the data of the errors `consent-needed` and `closure-changed`. */
export interface IProposal {
  readonly digest: string;
  /** For example 3.12. */
  readonly python: string;
  /** To download. */
  readonly bytes: number | null;
  /** Packages whose file was never approved on this machine. */
  readonly new: readonly string[];
  /** Where the files come from; an empty string is the default index. */
  readonly indexes: readonly string[];
  /** New ones first, and declared ones before what they depend on. */
  readonly packages: readonly IFact[];
  /** What the notebook's list asks for but these packages do not show: requirements for other systems or Pythons,
   * extras, version limits, indexes, a date. Whoever approves a change approves these too. */
  readonly beyond?: readonly string[];
  /** The Python that would be downloaded for it. */
  readonly fetch?: IFetch;
}

/** A known vulnerability of one version. */
export interface IAdvisory {
  readonly id: string;
  readonly summary: string;
}

/** What its index says about one version of a package. */
export interface IOpinion {
  readonly name: string;
  readonly version: string;
  /** The newest version that is not yanked. */
  readonly newest: string | null;
  /** Why this version is yanked, if its authors say so; null if it is not yanked. */
  readonly yanked: string | null;
  readonly uploaded: string | null;
  /** Null: the index does not publish any. */
  readonly advisories: readonly IAdvisory[] | null;
  /** Why nothing was found; empty if something was. */
  readonly problem: string;
}

/** The Python of a notebook's environment. */
export interface IStatusPython {
  readonly requires: string | null;
  /** For example 3.12. */
  readonly locked: string | null;
  /** The version of the Python that it runs in on this machine. */
  readonly version: string | null;
  readonly path: string | null;
}

/** One requirement of the notebook's list. */
export interface IDependency {
  readonly requirement: string;
  readonly name: string;
  readonly version: string | null;
}

/** What somebody has to approve, and whether it is approved. */
export interface IStatusConsent extends IProposal {
  readonly approved: boolean;
}

/** `changed`: the list is newer than the lock. `invalid`: the block cannot be read. `failed`, of kernels only: the
 * kernel died, or the store cannot be used. */
export type StatusState = 'changed' | 'failed' | 'invalid' | 'no-block' | 'no-python' | 'not-built' | 'ready';

/** The environment of a notebook, and whether it can run on this machine. */
export interface IStatus {
  readonly state: StatusState;
  readonly sentence: string;
  /** The digest of the block. */
  readonly digest: string | null;
  readonly python: IStatusPython;
  readonly dependencies: readonly IDependency[];
  readonly packages: readonly IPackage[];
  readonly environment: IEnvironment | null;
  readonly consent: IStatusConsent | null;
  readonly error: IProblem | null;
  readonly notes: readonly string[];
  /** Why the environment that was built here is not used, in a sentence; absent if none was, or it is used. */
  readonly withheld?: string;
}

/** What a kernel sends. */
export type FromKernel = IKernelState | IKernelBlock | IKernelProgress;

/** What a front end sends. */
export type ToKernel = INewEnvironment | IStateRequest;

/** A job of any kind. */
export type AnyJob = IJob | ICleaningJob | IVerifyingJob;
