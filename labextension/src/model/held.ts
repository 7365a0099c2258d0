/** The state of one notebook, in the one place that may replace it. */

import { JSONExt, type ReadonlyPartialJSONValue } from '@lumino/coreutils';

import { BLANK } from './state';
import type { IState } from '../tokens';

/** Says what is another now. */
export type Dispatch = (part: Partial<IState>) => void;

export class Held {
  constructor(private readonly _changed: () => void) {}

  get state(): IState {
    return this._state;
  }

  /** The panel is closed: nothing of it is shown or written any more. */
  get gone(): boolean {
    return this._gone;
  }

  /** Tells nobody of what was so before. */
  readonly dispatch: Dispatch = part => {
    const next = { ...this._state, ...part };
    if (!this._gone && !same(this._state, next)) {
      this._state = next;
      this._changed();
    }
  };

  close(): void {
    this._gone = true;
  }

  private _state = BLANK;
  private _gone = false;
}

/** All of it is plain data. */
function same(one: IState, other: IState): boolean {
  const names = Object.keys(one) as (keyof IState)[];
  return names.every(name =>
    JSONExt.deepEqual(one[name] as ReadonlyPartialJSONValue, other[name] as ReadonlyPartialJSONValue)
  );
}
