/** The REST API: one typed function per endpoint that the panel uses. */

import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import type { Block, IDeclined, IJob, IKernel, INewJob, INotebook, IOpinion, IProblem } from './wire';

const ROOT = 'jupyter-envs/api/v1';

export interface IApi {
  notebook(path: string): Promise<INotebook>;
  kernel(id: string): Promise<IKernel>;
  /** The block that the next restart of this kernel takes. `before`: the digest of the one that it was made from. */
  putKernel(id: string, block: Block | null, before?: string | null): Promise<IKernel>;
  startJob(job: INewJob): Promise<IJob>;
  job(id: string): Promise<IJob>;
  cancelJob(id: string): Promise<void>;
  /** How it ended is shown: nobody else has to be told. */
  seeJob(id: string): Promise<void>;
  /** A change that was offered is not wanted. */
  decline(pending: IDeclined): Promise<void>;
  giveConsent(digest: string, block: Block): Promise<void>;
  /** Asks an index. */
  opinion(name: string, version: string, index: string | null): Promise<IOpinion>;
  /** Gives the notebook of a stand-in the base environment. */
  without(id: string): Promise<void>;
}

/** What the server refused, or that it could not be asked (status 0). */
export class Refusal extends Error {
  constructor(
    readonly problem: IProblem,
    readonly status: number
  ) {
    super(problem.sentence);
  }
}

/** Whatever was thrown, in words for people. */
export function problemOf(reason: unknown): IProblem {
  return reason instanceof Refusal
    ? reason.problem
    : problem('unexpected', 'Something went wrong in the panel.', 'Reload the page.', String(reason));
}

export function problem(code: string, sentence: string, hint = '', details = ''): IProblem {
  return { code, sentence, hint, details, data: {} };
}

/** Asks the server for what is at an address below ours. Rejects with a Refusal. */
export function asking(settings: ServerConnection.ISettings) {
  return async function ask<T>(method: string, place: string, body?: unknown): Promise<T> {
    const url = URLExt.join(settings.baseUrl, ROOT, place);
    const request: RequestInit = { method };
    if (body !== undefined) {
      request.body = JSON.stringify(body);
      request.headers = { 'Content-Type': 'application/json' };
    }
    const response = await send(url, request, settings);
    if (!response.ok) {
      throw new Refusal(await why(response), response.status);
    }
    return (response.status === 204 ? undefined : await response.json()) as T;
  };
}

export function createApi(settings: ServerConnection.ISettings): IApi {
  const ask = asking(settings);
  return {
    notebook: path => ask('GET', `notebooks/${URLExt.encodeParts(path)}`),
    kernel: id => ask('GET', `kernels/${encodeURIComponent(id)}`),
    putKernel: (id, block, before) => ask('PUT', `kernels/${encodeURIComponent(id)}`, { block, before }),
    startJob: job => ask('POST', 'jobs', job),
    job: id => ask('GET', `jobs/${encodeURIComponent(id)}`),
    cancelJob: id => ask('DELETE', `jobs/${encodeURIComponent(id)}`),
    seeJob: id => ask('POST', `jobs/${encodeURIComponent(id)}/seen`, {}),
    decline: pending => ask('POST', 'pending/declined', pending),
    giveConsent: async (digest, block) => {
      await ask('POST', 'consents', { digest, block });
    },
    opinion: (name, version, index) => {
      const query = URLExt.objectToQueryString({ version, index: index ?? '' });
      return ask('GET', `packages/${encodeURIComponent(name)}${query}`);
    },
    without: id => ask('POST', `kernels/${encodeURIComponent(id)}/without`, {})
  };
}

async function send(url: string, request: RequestInit, settings: ServerConnection.ISettings): Promise<Response> {
  try {
    return await ServerConnection.makeRequest(url, request, settings);
  } catch (reason) {
    throw new Refusal(
      problem('no-server', 'The Jupyter server does not answer.', 'Check whether it is still running.', String(reason)),
      0
    );
  }
}

async function why(response: Response): Promise<IProblem> {
  const text = await response.text();
  try {
    const { error } = JSON.parse(text) as { error?: IProblem };
    if (error) {
      return error;
    }
  } catch {
    // A proxy's page, most likely: its text goes into the details.
  }
  const absent = response.status === 404;
  return absent
    ? problem(
        'no-extension',
        'The extension jupyter-envs is not enabled on this Jupyter server.',
        'Install jupyter-envs there.',
        text
      )
    : problem(`http-${response.status}`, `The Jupyter server answered ${response.status}.`, '', text);
}
