/** A document and a server that live in memory. */

import { ServerConnection } from '@jupyterlab/services';

import { createApi, problem } from '../src/api/client';
import { NotebookEnvironments } from '../src/model/environments';
import type { NotebookEnvironment } from '../src/model/notebook';
import type { IStored } from '../src/storage/api';
import type { Answer, IDocument, KernelKind } from '../src/tokens';
import type { AnyJob, Block, IJob, IKernel, INewJob, INotebook, IProposal, IWaiting, ToKernel } from '../src/api/wire';
import { answered, described, noted, type IAsked } from './described';
import * as wire from './wire';

/** The kernel that takes the place of a stand-in. */
export const SWITCHED = '2f0e5c52-4b0f-4f0c-9d0f-6a5d0f3c2b1b';

export class FakeDocument implements IDocument {
  path = 'work/a.ipynb';
  kernel: KernelKind = 'ours';
  kernelId: string | null = wire.kernel('ready').id;
  kernelName = 'Python (notebook environment)';
  dirty = false;
  shared = false;
  block: Block | null = null;
  writes = 0;
  told: ToKernel[] = [];
  /** No comm to the kernel is open. */
  deaf = false;
  restarts = 0;
  interrupts = 0;
  answering = false;

  write(block: Block | null): void {
    this.block = block;
    this.writes += 1;
    this.dirty = true;
  }

  tell(message: ToKernel): boolean {
    if (!this.deaf) {
      this.told.push(message);
    }
    return !this.deaf;
  }

  interrupt(): Promise<void> {
    this.interrupts += 1;
    return Promise.resolve();
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

/** What a refused request is answered with; status 0: nobody answers. */
interface IRefused {
  readonly status: number;
  readonly body: unknown;
}

type Give = (asked: IAsked, named: Readonly<Record<string, string>>) => unknown;

/** Of the letters that the id of a job may have. */
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** Behind the real client. Answers with what the test put in; remembers what it was asked. */
export class FakeServer {
  readonly settings = ServerConnection.makeSettings({
    baseUrl: 'http://server/base/',
    token: '',
    fetch: input => this._fetch(input as Request)
  });
  kernelAnswer: IKernel = wire.kernel('base');
  notebookAnswer: INotebook = { ...wire.notebook(), status: wire.status('no-block') };
  environments: readonly IStored[] = wire.stored();
  /** Each started job ends as the next of these, at its first look. */
  ends: AnyJob[] = [];
  put: (Block | null)[] = [];
  started: Required<INewJob>[] = [];
  cancelled: string[] = [];
  /** Jobs whose end was shown. */
  seen: string[] = [];
  declined: unknown[] = [];
  consents: string[] = [];
  left: string[] = [];
  /** Names of the operations that were asked for. */
  asked: string[] = [];
  /** What happens while the next answers are on their way. */
  meanwhile: (() => void)[] = [];
  /** By the name of the operation. */
  refusals = new Map<string, IRefused>();

  private readonly _answers: Readonly<Record<string, Give>> = {
    getNotebook: () => this.notebookAnswer,
    getKernel: () => this.kernelAnswer,
    putKernel: ({ body }) => {
      const { block } = body as { block: Block | null };
      this.put.push(block);
      this.kernelAnswer = { ...this.kernelAnswer, block, status: wire.status(block ? 'ready' : 'no-block') };
      return this.kernelAnswer;
    },
    startJob: ({ body }) => {
      const job = body as Required<INewJob>;
      this.started.push(job);
      return { ...wire.job('started'), id: this._id(), action: job.action };
    },
    getJob: (_, { job_id }) => {
      const end = this.ends.shift() ?? wire.job('done');
      const asked = this.started[this.started.length - 1] as Required<INewJob> | undefined;
      const job = { ...end, id: job_id, action: asked?.action ?? end.action };
      if (job.state !== 'running') {
        this._wait({ job: job as IJob, before: asked ? asked.block : this.kernelAnswer.block });
      }
      return job;
    },
    cancelJob: (_, { job_id }) => {
      this.cancelled.push(job_id);
      this.ends = [wire.job('cancelled')];
    },
    seeJob: (_, { job_id }) => {
      this.seen.push(job_id);
      this._wait(null);
    },
    declinePending: ({ body }) => {
      this.declined.push(body);
      this.notebookAnswer = { ...this.notebookAnswer, pending: null };
    },
    giveConsent: ({ body }) => {
      const { digest } = body as { digest: string };
      this.consents.push(digest);
      return { digest, at: '2026-11-21T09:00:00Z', how: 'seen', python: '3.12', packages: 3 };
    },
    getOpinion: ({ place }, { name }) => {
      const version = new URLSearchParams(place.split('?')[1]).get('version');
      return { name, version, newest: '9', yanked: null, uploaded: null, advisories: [], problem: '' };
    },
    runWithout: (_, { kernel_id }) => {
      this.left.push(kernel_id);
    },
    listEnvironments: () => ({ environments: this.environments }),
    deleteEnvironment: (_, { environment_id }) => {
      this.environments = this.environments.filter(item => item.id !== environment_id);
    }
  };

  /** Until a page has shown how it ended. */
  private _wait(waiting: IWaiting | null): void {
    this.kernelAnswer = { ...this.kernelAnswer, job: null, waiting };
    this.notebookAnswer = { ...this.notebookAnswer, job: null, waiting };
  }

  private _id(): string {
    return `20261121T090000-k3jq7x2${LETTERS[this.started.length % LETTERS.length]}`;
  }

  private async _fetch(request: Request): Promise<Response> {
    const asked = await readRequest(request);
    const what = noted(() => described(asked));
    if (!what) {
      return respond(400, refusal('bad-request', 400).body);
    }
    const { operationId } = what.operation;
    this.asked.push(operationId);
    const refused = this.refusals.get(operationId);
    if (refused?.status === 0) {
      throw new TypeError('Nobody answers.');
    }
    const body = refused ? refused.body : this._answers[operationId](asked, what.named);
    const status = refused?.status ?? (body === undefined ? 204 : asked.method === 'POST' ? 201 : 200);
    noted(() => {
      answered(what, status, body);
    });
    this.meanwhile.shift()?.();
    return respond(status, body);
  }
}

/** Its place is below the address of the API; against the browser's cache, the client adds a number to it. */
export async function readRequest(request: Request): Promise<IAsked> {
  const place = request.url.replace(/^.*\/jupyter-envs\/api\/v1/, '').replace(/[?&]\d+$/, '');
  const text = await request.text();
  return { method: request.method, place, body: text ? (JSON.parse(text) as unknown) : undefined };
}

function respond(status: number, body: unknown): Response {
  return new Response(body === undefined ? null : JSON.stringify(body), { status });
}

export function refusal(code: string, status: number): IRefused {
  const error = problem(code, `${code}.`);
  return { status, body: { message: error.sentence, reason: code, error } };
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
    api: createApi(server.settings),
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
      document.kernelId = SWITCHED;
      return Promise.resolve();
    }
  });
  const notebook = environments.add('panel', document);
  environments.show('panel');
  const all: ITable = { document, server, environments, notebook, asked, answer: true, refreshed: 0 };
  return all;
}
