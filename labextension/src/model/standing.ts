/** Whether what answers for the kernel of one notebook only stands in, as far as anybody has told since it started. */

import type { Standing } from '../tokens';

export class Standings {
  /** `_learned`: somebody has told what is new. */
  constructor(private readonly _learned: () => void = () => undefined) {}

  /** Of the process that answers; what was asked before its start is told too late. */
  get round(): number {
    return this._round;
  }

  restarting(kernel: string | null): void {
    this.started();
    this._restarting = true;
    this._restarts = { kernel, number: this.restarts(kernel) + 1 };
  }

  started(): void {
    this._round += 1;
    this._restarting = false;
    this._told = null;
  }

  /** `round`: when it was asked. */
  tell(kernel: string, standin: boolean, round = this._round): void {
    if (round === this._round && !this._restarting) {
      const known = this._told?.kernel === kernel && this._told.standin === standin;
      this._told = { kernel, standin };
      if (!known) {
        this._learned();
      }
    }
  }

  restarts(kernel: string | null): number {
    return this._restarts.kernel === kernel ? this._restarts.number : 0;
  }

  of(kernel: string): Standing {
    return this._told?.kernel !== kernel ? 'unknown' : this._told.standin ? 'yes' : 'no';
  }

  private _round = 0;
  private _restarting = false;
  private _restarts: { readonly kernel: string | null; readonly number: number } = { kernel: null, number: 0 };
  private _told: { readonly kernel: string; readonly standin: boolean } | null = null;
}
