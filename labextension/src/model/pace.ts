/** How long it will take, judged by how long it took so far. */

import type { IProgress } from '../api/wire';

/** Below that, a guess is worth nothing. */
const SHORTEST = 2;

export class Pace {
  /** Seconds that are left, or null. `now` in milliseconds. */
  left({ phase, fetched: [here, all] }: IProgress, now = Date.now()): number | null {
    if (phase !== this._phase) {
      this._phase = phase;
      this._from = { here, at: now };
    }
    const seconds = (now - this._from.at) / 1000;
    const more = here - this._from.here;
    return all > here && more > 0 && seconds >= SHORTEST ? ((all - here) * seconds) / more : null;
  }

  private _phase = '';
  private _from = { here: 0, at: 0 };
}
