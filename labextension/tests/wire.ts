/** The example payloads that the Python tests read too. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type {
  Block,
  FromKernel,
  ICleaned,
  ICleaningJob,
  IHint,
  IJob,
  IKernel,
  INewJob,
  INotebook,
  IStatus,
  IStoredEnvironment,
  IStoredEnvironments
} from '../src/api/wire';

// Compiled tests lie in lib-tests/tests/.
export const FOLDER = join(__dirname, '..', '..', '..', 'tests', 'wire');

export function wire(name: string): unknown {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf-8'));
}

export const status = (name: string): IStatus => wire(`status-${name}`) as IStatus;
export const job = (name: string): IJob => wire(`job-${name}`) as IJob;
export const kernel = (name: string): IKernel => wire(`kernel-${name}`) as IKernel;
export const notebook = (name = 'notebook'): INotebook => wire(name) as INotebook;
export const cleaned = (): ICleaningJob & { result: ICleaned } =>
  wire('job-cleaned') as ICleaningJob & { result: ICleaned };
export const stored = (): readonly IStoredEnvironment[] => (wire('environments') as IStoredEnvironments).environments;
export const block = (name = 'block'): Block => wire(name) as Block;
export const said = (name: string): FromKernel => wire(`comm-${name}`) as FromKernel;
export const posted = (name: string): Required<INewJob> => wire(name) as Required<INewJob>;
export const event = (): IHint & { schema_id: string } => wire('event') as IHint & { schema_id: string };
