/** One open notebook: its state, and what can be done with it. Knows no widget. */

import { problemOf } from '../api/client';
import { Building } from './building';
import { Changes } from './changes';
import { Standings } from './standing';
import { BLANK, equal, type IContext } from './state';
import { unreadable, versionOf } from './status';
import type { IActions, IDocument, IState } from '../tokens';
import type { Block, IHint, IKernel, IPending } from '../api/wire';
import { requirements } from '../words';

export class NotebookEnvironment implements IActions {
  /** The panel is closed: nothing of it is shown or written any more. */
  gone = false;
  readonly changes: Changes;
  readonly standings = new Standings();

  constructor(
    readonly document: IDocument,
    readonly context: IContext,
    private readonly _emit: () => void
  ) {
    this.changes = new Changes(this);
    this._building = new Building(this, this.changes);
    this.set({ path: document.path });
  }

  get state(): IState {
    return this._state;
  }

  set(part: Partial<IState>): void {
    if (!this.gone) {
      this._state = { ...this._state, ...part };
      this._emit();
    }
  }

  dispose(): void {
    this.gone = true;
    this.changes.pulse.wake();
  }

  /** The document has another kernel, or its first, or a new process answers. */
  async attached(): Promise<void> {
    this.standings.started();
    this.set({ standin: false, without: false, restart: null, told: null, problem: null });
    await this.refresh();
  }

  /** Somebody renamed or saved the document. */
  async moved(): Promise<void> {
    this.set({ path: this.document.path });
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
      while (this._again && !this.gone) {
        this._again = false;
        await this._look();
      }
    } catch (reason) {
      this.set({ status: null, problem: problemOf(reason) });
    } finally {
      this._refreshing = false;
    }
  }

  private async _look(): Promise<void> {
    const { document } = this;
    const id = document.kernelId;
    this.set({ path: document.path, kernel: document.kernel, kernelName: document.kernelName });
    if (document.kernel === 'foreign') {
      this.set({ status: null, python: '', pending: null, problem: null });
    } else if (document.kernel === 'ours' && id !== null) {
      await this._lookAtKernel(id);
    } else {
      await this._lookAtFile();
    }
  }

  private async _lookAtFile(): Promise<void> {
    try {
      const { status, pending, unsupported = '' } = await this.context.api.notebook(this.document.path);
      this.set({ status, python: versionOf(status, null), pending: this._news(pending), unsupported });
    } catch (reason) {
      this.set({ status: unreadable(reason) });
    }
  }

  private async _lookAtKernel(id: string): Promise<void> {
    const { round } = this.standings;
    const kernel = await this.context.api.kernel(id);
    if (id !== this.document.kernelId || round !== this.standings.round) {
      return this._look();
    }
    if (id === this._met) {
      this.show(kernel);
    } else {
      await this._meet(kernel);
    }
    if (kernel.job?.state === 'running') {
      this.changes.join(kernel.job);
    }
  }

  /**
   * First contact with a kernel. The document is the truth, but one that was just opened may have missed what its
   * kernel did while no page showed it: then the user decides.
   */
  private async _meet(kernel: IKernel): Promise<void> {
    const { document, context } = this;
    const reopened = this._met === null && !document.dirty;
    this._met = kernel.id;
    const same = equal(kernel.block, document.block);
    if (!same && reopened && kernel.block !== null) {
      this.show(kernel);
      this.set({ pending: { before: document.block, block: kernel.block } });
    } else if (!same) {
      await this.publish(document.block);
    } else {
      this.show(kernel);
      const { pending } = await context.api.notebook(document.path).catch(() => ({ pending: null }));
      this.set({ pending: this._news(pending) });
    }
  }

  /** The document's block is what a restart shall take; a kernel that can move to it does so now. */
  async publish(block: Block | null): Promise<void> {
    const id = this.document.kernelId;
    if (this.document.kernel !== 'ours' || id === null) {
      return;
    }
    const { round } = this.standings;
    try {
      this.show(await this.context.api.putKernel(id, block), round);
    } catch (reason) {
      this.set({ status: unreadable(reason) });
    }
  }

  /** `round`: of the standings, when it was asked. */
  show(kernel: IKernel, round = this.standings.round): void {
    this.standings.tell(kernel.id, kernel.standin, round);
    // Without a status the problem was that nobody could be asked; that is over.
    const problem = this._state.status === null ? null : this._state.problem;
    const { status, standin, without, unsupported = '' } = kernel;
    const python = without ? (kernel.environment?.version ?? '') : versionOf(status, kernel.environment);
    this.set({ status, python, standin, without, unsupported, problem });
  }

  /** The metadata changed by another hand: an undo, a reload from disk, another tab. */
  async edited(): Promise<void> {
    const block = this.document.block;
    if (this._met === null || equal(block, this._written)) {
      return;
    }
    this._written = block;
    await this._safely(() => this.publish(block));
  }

  /** Writes only what is different: opening a notebook must not make it dirty. */
  write(block: Block | null): void {
    this._written = block;
    if (!equal(block, this.document.block)) {
      this.document.write(block);
    }
    this.set({ pending: this._news(this._state.pending) });
  }

  /** The kernel has nothing to do, so nothing of it is under way. */
  idle(): void {
    if (this._state.told) {
      this.set({ told: null });
    }
  }

  hinted(hint: IHint): void {
    if (hint.what === 'job' && hint.id === this._state.job?.id) {
      this.changes.pulse.wake();
    } else if (hint.what === 'kernel' && hint.id === this.document.kernelId) {
      void (hint.state === 'switched' ? this.context.refreshSessions() : this.refresh());
    } else if (hint.what === 'environment' && this._state.status?.state === 'not-built') {
      void this.refresh();
    }
  }

  // -- what the user can do ----------------------------------------------------------------------------------

  async install(typed: string): Promise<boolean> {
    const packages = requirements(typed);
    return packages.length > 0 && (await this.changes.run('install', { packages }));
  }

  readonly remove = (name: string): Promise<boolean> => this.changes.run('remove', { packages: [name] });
  readonly upgrade = (): Promise<boolean> => this.changes.run('upgrade', {});
  readonly lock = (): Promise<boolean> => this.changes.run('lock', {});
  readonly build = (): Promise<void> => this._building.build();
  readonly look = (): Promise<void> => this._building.build(true);
  readonly accept = (digest: string): Promise<void> => this._building.accept(digest);
  readonly relock = (): Promise<void> => this._building.relock();
  readonly without = (): Promise<void> => this._building.without();
  readonly cancel = (): Promise<void> => this.changes.cancel();

  async record(): Promise<void> {
    const pending = this._state.pending;
    if (!pending) {
      return;
    }
    this.set({ pending: null });
    await this._safely(() => this.changes.takeOver(pending));
  }

  readonly restart = (): Promise<void> => this._safely(() => this.document.restart());
  readonly adopt = (): Promise<void> => this._safely(() => this.document.adopt());

  dismiss(): void {
    this.set({ problem: null, done: '', notes: [] });
  }

  private async _safely(deed: () => Promise<unknown>): Promise<void> {
    try {
      await deed();
    } catch (reason) {
      this.set({ problem: problemOf(reason) });
    }
  }

  private _news(pending: IPending | null): IPending | null {
    return pending && !equal(pending.block, this.document.block) ? pending : null;
  }

  private readonly _building: Building;
  private _state = BLANK;
  private _refreshing = false;
  private _again = false;
  private _met: string | null = null;
  private _written: Block | null = null;
}
