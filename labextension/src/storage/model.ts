/** What the storage view shows, and what can be done there. Nothing rejects: what fails is shown. */

import { Signal, type ISignal } from '@lumino/signaling';

import { problemOf } from '../api/client';
import { failure, follow, Pulse } from '../model/jobs';
import type { ICleaned, IStored, IStoreApi } from './api';
import type { IProblem } from '../api/wire';
import { count, size } from '../words';

export interface IStorageState {
  /** Null: not known yet. */
  readonly environments: readonly IStored[] | null;
  /** What is going on, in words. */
  readonly busy: string;
  /** The environment that is to be deleted once somebody says so again. */
  readonly doubted: string | null;
  /** What cleaning would delete. */
  readonly offer: ICleaned | null;
  readonly done: string;
  readonly problem: IProblem | null;
}

export interface IStorageActions {
  doubt(id: string | null): void;
  remove(id: string): Promise<void>;
  /** Finds out what would be deleted. */
  look(): Promise<void>;
  clean(): Promise<void>;
  dismiss(): void;
}

export const START: IStorageState = {
  environments: null,
  busy: '',
  doubted: null,
  offer: null,
  done: '',
  problem: null
};

export class Storage implements IStorageActions {
  constructor(private readonly _api: IStoreApi) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get state(): IStorageState {
    return this._state;
  }

  async load(): Promise<void> {
    await this._doing('Loading…', () => this._list());
  }

  doubt(id: string | null): void {
    this._show({ doubted: id, offer: null, done: '' });
  }

  async remove(id: string): Promise<void> {
    await this._doing('Deleting…', async () => {
      await this._api.remove(id);
      await this._list();
      this._show({ done: 'Deleted.' });
    });
  }

  async look(): Promise<void> {
    await this._doing('Looking for what is not used…', async () => {
      const offer = await this._cleaned(true);
      if (offer && nothing(offer)) {
        this._show({ done: 'There is nothing to clean up.' });
      } else {
        this._show({ offer });
      }
    });
  }

  async clean(): Promise<void> {
    await this._doing('Cleaning…', async () => {
      const cleaned = await this._cleaned(false);
      await this._list();
      this._show({ done: cleaned ? `Freed: ${told(cleaned)}.` : '' });
    });
  }

  dismiss(): void {
    this._show({ offer: null, problem: null });
  }

  dispose(): void {
    this._gone = true;
    this._pulse.wake();
    Signal.clearData(this);
  }

  private async _list(): Promise<void> {
    this._show({ environments: (await this._api.environments()).environments });
  }

  private async _cleaned(dryRun: boolean): Promise<ICleaned | null> {
    const job = await follow(this._api, await this._api.clean(dryRun), {
      pulse: this._pulse,
      told: () => undefined,
      gone: () => this._gone
    });
    const problem = failure(job);
    if (problem) {
      this._show({ problem });
    }
    return job.state === 'done' ? job.result : null;
  }

  private async _doing(busy: string, work: () => Promise<void>): Promise<void> {
    if (this._state.busy) {
      return;
    }
    this._show({ busy, doubted: null, offer: null, done: '', problem: null });
    try {
      await work();
    } catch (reason) {
      this._show({ problem: problemOf(reason) });
    } finally {
      this._show({ busy: '' });
    }
  }

  private _show(part: Partial<IStorageState>): void {
    if (!this._gone) {
      this._state = { ...this._state, ...part };
      this._changed.emit();
    }
  }

  private _state = START;
  private _gone = false;
  private readonly _pulse = new Pulse();
  private readonly _changed = new Signal<this, void>(this);
}

/** `2 environments, 14 packages, 512 MB` */
export function told(cleaned: ICleaned): string {
  const kinds = [
    [cleaned.environments.length, 'environment'],
    [cleaned.wheels, 'package'],
    [cleaned.leftovers, 'leftover']
  ] as const;
  return [
    ...kinds.filter(([number]) => number > 0).map(([number, noun]) => count(number, noun)),
    size(cleaned.bytes)
  ].join(', ');
}

function nothing(cleaned: ICleaned): boolean {
  return cleaned.environments.length + cleaned.wheels + cleaned.leftovers === 0;
}
