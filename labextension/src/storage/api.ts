/** The environments on the server's disk, over REST. */

import type { ServerConnection } from '@jupyterlab/services';

import { asking } from '../api/client';
import type { ICleaningJob, INewJob, IStoredEnvironments } from '../api/wire';

export type { ICleaned, IStoredEnvironment as IStored } from '../api/wire';

export interface IStoreApi {
  environments(): Promise<IStoredEnvironments>;
  remove(id: string): Promise<void>;
  clean(dryRun: boolean): Promise<ICleaningJob>;
  job(id: string): Promise<ICleaningJob>;
}

export function createStoreApi(settings: ServerConnection.ISettings): IStoreApi {
  const ask = asking(settings);
  return {
    environments: () => ask('GET', 'environments'),
    remove: id => ask('DELETE', `environments/${encodeURIComponent(id)}`),
    clean: dryRun => ask('POST', 'jobs', { action: 'gc', args: { dry_run: dryRun } } satisfies INewJob),
    job: id => ask('GET', `jobs/${encodeURIComponent(id)}`)
  };
}
