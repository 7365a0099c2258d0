/** The environments on the server's disk, over REST. */

import type { ServerConnection } from '@jupyterlab/services';

import { asking } from '../api/client';
import type { IJob } from '../api/wire';

export interface IStored {
  readonly id: string;
  /** Of Python. */
  readonly version: string;
  readonly packages: number;
  /** Bytes that are its alone. */
  readonly own: number;
  /** Bytes of the packages that it shares with others. */
  readonly shared: number;
  readonly created: string;
  readonly used: string;
  /** API paths, the one that used it last first. */
  readonly notebooks: readonly string[];
  readonly running: boolean;
  readonly state: 'ready' | 'stale-python' | 'damaged';
  /** False if somebody else manages the store that it is in. */
  readonly mine: boolean;
}

/** What cleaning deleted, or would delete. */
export interface ICleaned {
  readonly environments: readonly string[];
  readonly wheels: number;
  readonly leftovers: number;
  readonly bytes: number;
  readonly days: number | null;
  readonly dry_run: boolean;
}

export interface IStoreApi {
  environments(): Promise<{ readonly environments: readonly IStored[] }>;
  remove(id: string): Promise<void>;
  /** Its result is ICleaned. */
  clean(dryRun: boolean): Promise<IJob>;
  job(id: string): Promise<IJob>;
}

export function createStoreApi(settings: ServerConnection.ISettings): IStoreApi {
  const ask = asking(settings);
  return {
    environments: () => ask('GET', 'environments'),
    remove: id => ask('DELETE', `environments/${encodeURIComponent(id)}`),
    clean: dryRun => ask('POST', 'jobs', { action: 'gc', args: { dry_run: dryRun } }),
    job: id => ask('GET', `jobs/${encodeURIComponent(id)}`)
  };
}
