/** The block of one notebook: in its document, at the server for a restart of its kernel, and in what is shown. */

import { problemOf, type IApi } from '../api/client';
import type { Held } from './held';
import { Standings } from './standing';
import { equal } from './state';
import { unreadable, versionOf } from './status';
import type { IDocument } from '../tokens';
import type { Block, IKernel, IPending } from '../api/wire';

export class Blocks {
  constructor(
    private readonly _document: IDocument,
    private readonly _api: IApi,
    private readonly _held: Held,
    readonly standings: Standings
  ) {}

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
    const reopened = this._met === null && !document.dirty;
    this._met = kernel.id;
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
    const id = this._document.kernelId;
    if (this._document.kernel !== 'ours' || id === null) {
      return;
    }
    const { round } = this.standings;
    try {
      this._show(await this._api.putKernel(id, block), round);
    } catch (reason) {
      this._held.dispatch({ status: unreadable(reason) });
    }
  }

  /** `round`: of the standings, when it was asked. */
  private _show(kernel: IKernel, round = this.standings.round): void {
    this.standings.tell(kernel.id, kernel.standin, round);
    const { state, dispatch } = this._held;
    // Without a status the problem was that nobody could be asked; that is over.
    const problem = state.status === null ? null : state.problem;
    const { status, standin, without, unsupported = '' } = kernel;
    const python = without ? (kernel.environment?.version ?? '') : versionOf(status, kernel.environment);
    dispatch({ status, python, standin, without, unsupported, problem });
  }

  /** Writes only what is different: opening a notebook must not make it dirty. */
  write(block: Block | null): void {
    this._seen = block;
    if (!equal(block, this._document.block)) {
      this._document.write(block);
    }
    this.offer(this._held.state.pending);
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
      await this.publish(block);
    } catch (reason) {
      this._held.dispatch({ problem: problemOf(reason) });
    }
  }

  /** The kernel that was shown last. */
  private _met: string | null = null;
  /** The document's block as this page read or wrote it last: another one was written by another hand. */
  private _seen: Block | null = null;
}
