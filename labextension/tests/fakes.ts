/** A document and a server that live in memory. */

import { problem, Refusal, type IApi } from '../src/api';
import { NotebookEnvironments } from '../src/model';
import type { NotebookEnvironment } from '../src/notebook';
import type { Answer, IDocument, KernelKind } from '../src/tokens';
import type { Block, IJob, IKernel, INewJob, INotebook, IOpinion, IProposal, ToKernel } from '../src/wire';
import * as wire from './wire';

export class FakeDocument implements IDocument {
  path = 'work/a.ipynb';
  kernel: KernelKind = 'ours';
  kernelId: string | null = wire.kernel('ready').id;
  kernelName = 'Python (notebook environment)';
  dirty = false;
  block: Block | null = null;
  writes = 0;
  told: ToKernel[] = [];
  restarts = 0;

  write(block: Block | null): void {
    this.block = block;
    this.writes += 1;
    this.dirty = true;
  }

  tell(message: ToKernel): void {
    this.told.push(message);
  }

  restart(): Promise<void> {
    this.restarts += 1;
    return Promise.resolve();
  }

  adopt(): Promise<void> {
    this.kernel = 'ours';
    return Promise.resolve();
  }
}

/** Answers with what the test put in; remembers what it was asked. */
export class FakeServer implements IApi {
  kernelAnswer: IKernel = wire.kernel('base');
  notebookAnswer: INotebook = { ...wire.notebook(), status: wire.status('no-block') };
  /** Each started job ends as the next of these, at its first look. */
  ends: IJob[] = [];
  put: (Block | null)[] = [];
  started: INewJob[] = [];
  cancelled: string[] = [];
  consents: string[] = [];
  left: string[] = [];
  refusals = new Map<keyof IApi, Refusal>();

  notebook(): Promise<INotebook> {
    return this._answer('notebook', () => this.notebookAnswer);
  }

  kernel(): Promise<IKernel> {
    return this._answer('kernel', () => this.kernelAnswer);
  }

  putKernel(_: string, block: Block | null): Promise<IKernel> {
    return this._answer('putKernel', () => {
      this.put.push(block);
      return { ...this.kernelAnswer, block, status: wire.status(block ? 'ready' : 'no-block') };
    });
  }

  startJob(job: INewJob): Promise<IJob> {
    return this._answer('startJob', () => {
      this.started.push(job);
      return { ...wire.job('started'), id: `job-${this.started.length}`, action: job.action };
    });
  }

  job(id: string): Promise<IJob> {
    return this._answer('job', () => {
      const end = this.ends.shift() ?? wire.job('done');
      return { ...end, id, action: this.started[this.started.length - 1]?.action ?? end.action };
    });
  }

  cancelJob(id: string): Promise<void> {
    return this._answer('cancelJob', () => {
      this.cancelled.push(id);
      this.ends = [wire.job('cancelled')];
    });
  }

  giveConsent(digest: string): Promise<void> {
    return this._answer('giveConsent', () => {
      this.consents.push(digest);
    });
  }

  opinion(name: string, version: string): Promise<IOpinion> {
    const known = { newest: '9', yanked: null, uploaded: null, advisories: [], problem: '' };
    return this._answer('opinion', () => ({ name, version, ...known }));
  }

  without(id: string): Promise<void> {
    return this._answer('without', () => {
      this.left.push(id);
    });
  }

  private _answer<T>(what: keyof IApi, answer: () => T): Promise<T> {
    const refusal = this.refusals.get(what);
    return refusal ? Promise.reject(refusal) : Promise.resolve(answer());
  }
}

export function refusal(code: string, status: number): Refusal {
  return new Refusal(problem(code, `${code}.`), status);
}

export interface ITable {
  readonly document: FakeDocument;
  readonly server: FakeServer;
  readonly environments: NotebookEnvironments;
  readonly notebook: NotebookEnvironment;
  readonly asked: (IProposal | readonly string[])[];
  answer: boolean;
  refreshed: number;
}

/** A notebook in front, not yet attached to its kernel. */
export function table(): ITable {
  const document = new FakeDocument();
  const server = new FakeServer();
  const asked: ITable['asked'] = [];
  const environments = new NotebookEnvironments({
    api: server,
    questions: {
      build: ({ proposal }) => {
        asked.push(proposal);
        return Promise.resolve<Answer>(all.answer ? 'build' : 'no');
      },
      startCode: (_, files) => {
        asked.push(Object.keys(files));
        return Promise.resolve(all.answer);
      },
      runCode: (_, names) => {
        asked.push(names);
        return Promise.resolve(all.answer);
      }
    },
    refreshSessions: () => {
      all.refreshed += 1;
      document.kernelId = 'switched';
      return Promise.resolve();
    }
  });
  const notebook = environments.add('panel', document);
  environments.show('panel');
  const all: ITable = { document, server, environments, notebook, asked, answer: true, refreshed: 0 };
  return all;
}
