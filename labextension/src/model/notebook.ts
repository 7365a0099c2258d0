/** One open notebook: its state, and what can be done with it. Knows no widget. */

import { Signal, type ISignal } from '@lumino/signaling';

import { problemOf, Refusal } from '../api/client';
import { Blocks } from './blocks';
import { Building } from './building';
import { Changes } from './changes';
import { Held } from './held';
import { Standings } from './standing';
import type { IContext } from './state';
import { unreadable, versionOf } from './status';
import type { IDocument, INotebookEnvironment, IState } from '../tokens';
import type { FromKernel, IHint, IPending, IWay } from '../api/wire';

/** Null for a kernel that the server does not know. Throws on what is another reason. */
function gone(reason: unknown): null {
  if (reason instanceof Refusal && reason.problem.code === 'kernel-unknown') {
    return null;
  }
  throw reason;
}

export class NotebookEnvironment implements INotebookEnvironment {
  readonly changes: Changes;
  readonly standings: Standings;

  /** `learned`: somebody has told what answers for its kernel. */
  constructor(
    readonly document: IDocument,
    readonly context: IContext,
    learned: () => void
  ) {
    this._held = new Held(() => {
      this._changed.emit();
    });
    this.standings = new Standings(learned);
    this._blocks = new Blocks(document, context.api, this._held, this.standings);
    this.changes = new Changes(document, context, this._held, this._blocks);
    this._building = new Building(document, context, this._held, this.changes, () => this.refresh());
    this._held.dispatch({ path: document.path });
  }

  get state(): IState {
    return this._held.state;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  dispose(): void {
    this._held.close();
    this.changes.pulse.wake();
    Signal.clearData(this);
  }

  /** The document has another kernel, or its first, or a new process answers, if it was restarted. */
  async attached(restarted = false): Promise<void> {
    const { kernelId } = this.document;
    // JupyterLab may say twice which kernel it is. What is shown of it, as how a job ended, is told only once.
    const another = restarted || (this._attachedTo !== null && this._attachedTo !== kernelId);
    this._attachedTo = kernelId ?? this._attachedTo;
    this.standings.started();
    this._blocks.opened();
    this._blocks.untold();
    this._held.dispatch({
      standin: false,
      without: false,
      restart: null,
      coming: null,
      late: [],
      asking: '',
      told: null,
      problem: another ? null : this.state.problem
    });
    await this.refresh();
  }

  /** Somebody renamed or saved the document. */
  async moved(): Promise<void> {
    this._held.dispatch({ path: this.document.path });
    await this.refresh();
  }

  /** Looks at the server again. Overlapping calls become one more round. */
  async refresh(): Promise<void> {
    this._again = true;
    if (this._refreshing) {
      return;
    }
    this._refreshing = true;
    try {
      while (this._again && !this._held.gone) {
        this._again = false;
        await this._look();
      }
    } catch (reason) {
      this._held.dispatch({ status: null, problem: problemOf(reason) });
    } finally {
      this._refreshing = false;
    }
  }

  private async _look(): Promise<void> {
    const { document } = this;
    const id = document.kernelId;
    this._held.dispatch({ path: document.path, kernel: document.kernel, kernelName: document.kernelName });
    if (document.kernel === 'foreign') {
      this._held.dispatch({ status: null, python: '', pending: null, problem: null });
    } else if (document.kernel === 'ours' && id !== null) {
      await this._lookAtKernel(id);
    } else {
      await this._lookAtFile();
    }
  }

  private async _lookAtFile(): Promise<void> {
    try {
      const saved = await this.context.api.notebook(this.document.path);
      const { status, pending, job, waiting, unsupported = '', unkept = '', offered = [] } = saved;
      if (!this._blocks.unsaved) {
        this._held.dispatch({ status, python: versionOf(status, null) });
      }
      this._held.dispatch({ unsupported, unkept, offered });
      this._blocks.offer(pending);
      this.changes.meet(job, waiting);
    } catch (reason) {
      this._held.dispatch({ status: unreadable(reason) });
    }
  }

  private async _lookAtKernel(id: string): Promise<void> {
    const [{ round }, { turn }] = [this.standings, this._blocks];
    const kernel = await this.context.api.kernel(id).catch(gone);
    if (kernel === null) {
      // The server was restarted, and the page does not know it yet.
      this._held.dispatch({ kernel: 'none', restart: null, coming: null, late: [], standin: false });
      return this._lookAtFile();
    }
    const late = round !== this.standings.round || turn !== this._blocks.turn;
    if (id !== this.document.kernelId || late) {
      return this._look();
    }
    await this._blocks.receive(kernel);
    this.changes.meet(kernel.job, kernel.waiting);
  }

  /** Over the comm. What the kernel has done is at the server before it says so. */
  async heard(message: FromKernel): Promise<void> {
    const news = message.type === 'state' && this._blocks.isNews(message);
    await this.changes.heard(message);
    if (news) {
      await this.refresh();
    }
  }

  /** The metadata may be others. */
  readonly edited = (): Promise<void> => this._blocks.edited();

  /** The kernel has nothing to do, so nothing of it is under way. */
  idle(): void {
    const { asking } = this.state;
    this._held.dispatch({ told: null, asking: '' });
    if (asking) {
      void this.refresh();
    }
  }

  hinted(hint: IHint): void {
    if (hint.what === 'job' && hint.id === this.state.job?.id) {
      this.changes.pulse.wake();
    } else if (hint.what === 'kernel' && hint.id === this.document.kernelId) {
      void (hint.state === 'switched' ? this.context.refreshSessions() : this.refresh());
    } else if (hint.what === 'environment' && this.state.status?.state === 'not-built') {
      void this.refresh();
    }
  }

  // -- what the user can do ----------------------------------------------------------------------------------

  async install(typed: string): Promise<boolean> {
    return this.changes.run('install', { typed });
  }

  readonly remove = (name: string): Promise<boolean> => this.changes.run('remove', { packages: [name] });
  readonly use = (source: string): Promise<boolean> => this.changes.run('import', { source });
  readonly upgrade = (): Promise<boolean> => this.changes.run('upgrade', {});
  readonly lock = (): Promise<boolean> => this.changes.run('lock', {});
  readonly build = (): Promise<void> => this._building.build();
  readonly look = (): Promise<void> => this._building.build(true);
  readonly accept = (digest: string): Promise<void> => this._building.accept(digest);
  readonly relock = (): Promise<void> => this._building.relock();
  readonly without = (): Promise<void> => this._building.without();
  readonly cancel = (): Promise<void> => this.changes.cancel();

  /** Code of a package runs only after a question of its own. */
  async take(way: IWay): Promise<boolean> {
    const { problem } = this.state;
    for (const { action, packages, python, allow_build: allowed } of way.steps) {
      if (problem && allowed.length && !(await this.context.questions.runCode(problem, allowed))) {
        return false;
      }
      if (!(await this.changes.run(action, { packages, python, allow_build: allowed }))) {
        return false;
      }
    }
    return true;
  }

  readonly record = (): Promise<void> => this._answer(it => this.changes.next(() => this.changes.record(it)));
  readonly decline = (): Promise<void> =>
    this._answer(it => this.changes.endings.decline(it)).then(() => this.refresh());

  readonly restart = (): Promise<void> => this._safely(() => this.document.restart());
  readonly interrupt = (): Promise<void> => this._safely(() => this.document.interrupt());
  readonly adopt = (): Promise<void> => this._safely(() => this.document.adopt());

  dismiss(): void {
    this._held.dispatch({ problem: null, done: '', notes: [] });
  }

  private async _answer(answer: (pending: IPending) => Promise<unknown>): Promise<void> {
    const { pending } = this.state;
    if (pending) {
      this._held.dispatch({ pending: null });
      await this._safely(() => answer(pending));
    }
  }

  private async _safely(deed: () => Promise<unknown>): Promise<void> {
    try {
      await deed();
    } catch (reason) {
      this._held.dispatch({ problem: problemOf(reason) });
    }
  }

  private readonly _building: Building;
  private readonly _held: Held;
  private readonly _blocks: Blocks;
  private readonly _changed = new Signal<this, void>(this);
  private _attachedTo: string | null = null;
  private _refreshing = false;
  private _again = false;
}
