import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ServerConnection } from '@jupyterlab/services';

import { createApi, Refusal } from '../src/api/client';
import { described, noted, type IAsked } from './described';
import { readRequest } from './fakes';
import { block, job, kernel, posted, wire } from './wire';

const ID = job('started').id;
const DIGEST = `sha256:${'d'.repeat(64)}`;

function server(status: number, answer: string): { asked: IAsked[]; api: ReturnType<typeof createApi> } {
  const asked: IAsked[] = [];
  const settings = ServerConnection.makeSettings({
    baseUrl: 'http://server/base/',
    token: '',
    fetch: async input => {
      const one = await readRequest(input as Request);
      noted(() => described(one));
      asked.push(one);
      return new Response(status === 204 ? null : answer, { status });
    }
  });
  return { asked, api: createApi(settings) };
}

async function refused(status: number, answer: string): Promise<Refusal> {
  try {
    await server(status, answer).api.job(ID);
  } catch (reason) {
    assert.ok(reason instanceof Refusal);
    return reason;
  }
  return assert.fail('It was not refused.');
}

test('paths keep their slashes and lose their dangers', async () => {
  const { api, asked } = server(200, '{}');
  await api.notebook('a b/ü#?.ipynb');
  assert.equal(asked[0].place, '/notebooks/a%20b/%C3%BC%23%3F.ipynb');
});

test('a job is posted as the server reads it', async () => {
  const { api, asked } = server(201, JSON.stringify(job('started')));
  const started = await api.startJob(posted('post-job'));
  assert.deepEqual(asked[0].body, wire('post-job'));
  assert.equal(asked[0].method, 'POST');
  assert.equal(started.state, 'running');
});

test('the block of a kernel is put', async () => {
  const { api, asked } = server(200, JSON.stringify(kernel('ready')));
  await api.putKernel(kernel('ready').id, block());
  assert.deepEqual([asked[0].method, asked[0].body], ['PUT', wire('put-kernel')]);
});

test('cancel and consent', async () => {
  const { api, asked } = server(204, '');
  await api.cancelJob(ID);
  await api.giveConsent(DIGEST, block());
  assert.deepEqual(
    asked.map(one => one.method),
    ['DELETE', 'POST']
  );
  assert.deepEqual(asked[1].body, { digest: DIGEST, block: block() });
});

test('an error of ours keeps its sentence', async () => {
  const reason = await refused(422, JSON.stringify(wire('error')));
  assert.equal(reason.problem.code, 'req-syntax');
  assert.equal(reason.status, 422);
});

test('a proxy’s page is told by its number', async () => {
  const reason = await refused(502, '<html>Bad gateway</html>');
  assert.equal(reason.problem.code, 'http-502');
  assert.match(reason.problem.details, /Bad gateway/);
});

test('a server without the extension is told apart', async () => {
  assert.equal((await refused(404, 'not found')).problem.code, 'no-extension');
});
