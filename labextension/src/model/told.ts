/** How far a change is that was typed in a cell, as the kernel tells it. */

import type { Held } from './held';
import { Pace } from './pace';
import type { IKernelProgress } from '../api/wire';

export class Told {
  constructor(private readonly _held: Held) {}

  take(line: IKernelProgress): void {
    if (line.event === 'phase' || line.event === 'progress') {
      const { phase = '', text = this._held.state.told?.text ?? '', done = 0, total = 0, fetched = [0, 0] } = line;
      const told = { phase, text, done, total, fetched };
      this._held.dispatch({ told, left: this._pace.left(told), done: '', problem: null });
    } else if (line.event === 'done' || line.event === 'failed' || line.event === 'cancelled') {
      this._pace = new Pace();
      this._held.dispatch({ told: null, left: null });
    }
  }

  private _pace = new Pace();
}
