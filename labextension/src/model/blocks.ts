/** The block of one notebook: in its document, at the server for a restart of its kernel, and in what is shown. */

import { problemOf, Refusal, type IApi } from '../api/client';
import type { Held } from './held';
import { isOwnChange } from './owner';
import { Standings } from './standing';
import { equal } from './state';
import { notSeen, unreadable, unsaved, versionOf } from './status';
import type { IDocument } from '../tokens';
import type { Block, Changed, IEnvironment, IKernel, IKernelState, IPending } from '../api/wire';

/** How long what is written into a shared document may take to the other windows; milliseconds. */
const SHARING_INTERVAL = 250;
const SHARING_ROUNDS = 20;

export class Blocks {
  constructor(
    private readonly _document: IDocument,
    private readonly _api: IApi,
    private readonly _held: Held,
    readonly standings: Standings
  ) {}

  /** The page has just opened the document. */
  opened(): void {
    if (this._opened === undefined) {
      this._opened = this._document.block;
    }
  }

  /** What was asked before another block was sent is told too late. */
  get turn(): number {
    return this._turn;
  }

  /** What the server says of the document's kernel. */
  async receive(kernel: IKernel): Promise<void> {
    if (kernel.id === this._met) {
      this._show(kernel);
    } else {
      await this._meet(kernel);
    }
  }

  /**
   * First contact with a kernel. The document is the truth, but one that was just opened may have missed what its
   * kernel did while no page showed it: then the user decides.
   */
  private async _meet(kernel: IKernel): Promise<void> {
    const document = this._document;
    // Not whether it is dirty: what the kernel says of its language may have changed it already.
    const reopened = this._met === null && equal(document.block, this._opened ?? null);
    this._met = kernel.id;
    this._agreed = null;
    this._seen = document.block;
    const same = equal(kernel.block, document.block);
    if (!same && reopened && kernel.block !== null) {
      this._show(kernel);
      this._held.dispatch({ pending: { before: document.block, block: kernel.block } });
    } else if (!same) {
      await this.publish(document.block);
    } else {
      this._show(kernel);
      const { pending } = await this._api.notebook(document.path).catch(() => ({ pending: null }));
      this.offer(pending);
    }
  }

  /** The document's block is what a restart shall take; a kernel that can move to it does so now. */
  async publish(block: Block | null): Promise<void> {
    await this._put(block);
  }

  /** The same for a block that was made from the one that the kernel has; false where another window was quicker. */
  async propose(block: Block | null): Promise<boolean> {
    return this._put(block, this._agreed?.digest);
  }

  private async _put(block: Block | null, before?: string | null): Promise<boolean> {
    const id = this._document.kernelId;
    if (!this.running || id === null) {
      return true;
    }
    const { round } = this.standings;
    this._turn += 1;
    try {
      const kernel = await this._api.putKernel(id, block, before);
      this._turn += 1;
      this._show(kernel, round);
    } catch (reason) {
      if (reason instanceof Refusal && reason.problem.code === 'block-changed') {
        await this._catchUp(id);
        return false;
      }
      this._held.dispatch({ status: unreadable(reason) });
    }
    return true;
  }

  /** Another window was quicker: the document gets what the kernel has. */
  private async _catchUp(id: string): Promise<void> {
    const kernel = await this._api.kernel(id);
    const arrived = (): boolean => equal(this._document.block, kernel.block);
    for (let round = 0; this._document.shared && !arrived() && round < SHARING_ROUNDS; round += 1) {
      await new Promise(resolve => setTimeout(resolve, SHARING_INTERVAL));
    }
    const changed = !equal(this._document.block, this._agreed?.block ?? null);
    this._show(kernel);
    if (!changed && !arrived()) {
      this.write(kernel.block);
    }
  }

  /** What another window has done to the kernel's block is in this document, too: two windows, one environment. */
  private _follow(kernel: IKernel): void {
    const { shared, block } = this._document;
    const agreed = this._agreed;
    this._agreed = { block: kernel.block, digest: kernel.status.digest };
    if (agreed && !shared && equal(block, agreed.block) && !equal(block, kernel.block)) {
      this.write(kernel.block);
    }
  }

  /** `round`: of the standings, when it was asked. */
  private _show(kernel: IKernel, round = this.standings.round): void {
    this.standings.tell(kernel.id, kernel.standin, round);
    const { state, dispatch } = this._held;
    // Without a status the problem was that nobody could be asked; that is over.
    const problem = state.status === null ? null : state.problem;
    const { status, standin, without, environment, next, restart } = kernel;
    const said = { unsupported: kernel.unsupported ?? '', unkept: kernel.unkept ?? '', offered: kernel.offered ?? [] };
    const asking = this._document.answering ? '' : (kernel.asking ?? '');
    const late = next ? notSeen(status, environment, next) : [];
    const coming =
      next && next.id !== environment?.id && !restart ? late.map(name => `${name} ${next.packages[name] ?? ''}`) : null;
    const python = environment?.version ?? versionOf(status, null);
    this._follow(kernel);
    this._sees = environment?.id ?? null;
    this._next = next && !restart ? next.id : null;
    dispatch({ ...said, status, python, standin, without, problem, restart, coming, late, asking });
    if (next && !restart) {
      const changed = late.map(name => [name, [environment?.packages[name] ?? null, next.packages[name] ?? null]]);
      this.tell(next, Object.fromEntries(changed) as Changed);
    }
  }

  /** The kernel moves to this environment, or says why it cannot. Told once, as a busy kernel does not answer. */
  tell(environment: IEnvironment, changed: Changed): void {
    const { block } = this._document;
    if (this._told !== environment.id && this._document.tell({ type: 'environment', block, environment, changed })) {
      this._told = environment.id;
    }
  }

  /** Another process answers for the kernel, or it has moved by itself: what it was told does not count any more. */
  untold(): void {
    this._told = null;
  }

  /** Whether the kernel says of itself something else than the server does. */
  isNews({ environment, restart }: IKernelState): boolean {
    const untold = this._next !== null && this._next !== this._told;
    return untold || (environment?.id ?? null) !== this._sees || restart !== this._held.state.restart;
  }

  /** Whether a kernel of ours runs it, also as far as the server knows. */
  get running(): boolean {
    return this._document.kernel === 'ours' && this._held.state.kernel !== 'none';
  }

  /** Whether the document has a block that its file does not have, and no kernel. */
  get unsaved(): boolean {
    const { dirty, block } = this._document;
    return dirty && !this.running && this._alone !== null && equal(block, this._alone);
  }

  /** Of a document without a kernel, which nobody else has. */
  showUnsaved(environment: IEnvironment | null): void {
    const { block } = this._document;
    this._alone = block;
    const status = unsaved(block, environment);
    this._held.dispatch({ status, python: versionOf(status, environment) });
  }

  /** What the kernel has as far as the server has said. */
  get agreed(): Block | null {
    return this._agreed?.block ?? null;
  }

  /** Writes only what is different: opening a notebook must not make it dirty. */
  write(block: Block | null): void {
    this._seen = block;
    if (!equal(block, this._document.block)) {
      this._document.write(block);
    }
    this.offer(this._held.state.pending);
  }

  owns(pending: IPending): boolean {
    return isOwnChange(pending, this._document.block, this.agreed);
  }

  /** A change that the document may not have yet. */
  offer(pending: IPending | null): void {
    const missing = pending && !equal(pending.block, this._document.block);
    this._held.dispatch({ pending: missing ? pending : null });
  }

  /** The metadata changed by another hand: an undo, a reload from disk, another tab. */
  async edited(): Promise<void> {
    const block = this._document.block;
    if (this._met === null || equal(block, this._seen)) {
      return;
    }
    this._seen = block;
    try {
      if (!(await this.propose(block))) {
        await this._insist(block);
      }
    } catch (reason) {
      this._held.dispatch({ problem: problemOf(reason) });
    }
  }

  /** Unless it is only late: of a document that others change too, one sees what they did later than its kernel. */
  private async _insist(block: Block | null): Promise<void> {
    await new Promise(resolve => setTimeout(resolve, SHARING_INTERVAL));
    if (equal(block, this._document.block) && !equal(block, this._agreed?.block ?? null)) {
      await this.publish(block);
    }
  }

  /** The document's block as the page opened it. */
  private _opened: Block | null | undefined;
  /** The kernel that was shown last. */
  private _met: string | null = null;
  /** The document's block as this page read or wrote it last: another one was written by another hand. */
  private _seen: Block | null = null;
  private _turn = 0;
  /** What was written into the document while it had no kernel. */
  private _alone: Block | null = null;
  /** What the server said last that the kernel has. */
  private _agreed: { readonly block: Block | null; readonly digest: string | null } | null = null;
  /** The id of the environment that the kernel sees. */
  private _sees: string | null = null;
  /** The id of the one that it has to be told of. */
  private _next: string | null = null;
  /** The id of the one that it was told of last. */
  private _told: string | null = null;
}
