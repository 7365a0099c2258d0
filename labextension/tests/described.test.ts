/** Whatever a user does, whatever the state and however jobs end, the page sends what the server takes. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createApi, problem, type IApi } from '../src/api/client';
import { waysOf } from '../src/parts/ways';
import { createStoreApi, type IStoreApi } from '../src/storage/api';
import type { IActions, INotebookEnvironment } from '../src/tokens';
import type { IJob, IKernel, INewJob } from '../src/api/wire';
import { view } from '../src/view';
import { headline } from '../src/words';
import { forgiven, listed } from './described';
import { FakeServer, refusal } from './fakes';
import { attached } from './table';
import * as wire from './wire';

const DIGEST = wire.status('not-built').consent?.digest ?? '';
const ID = wire.job('started').id;
const PROBLEM = wire.job('no-wheel').error ?? problem('none', 'There is none.');
const KERNEL = wire.kernel('ready').id;

const ACTIONS: Record<keyof IActions, (notebook: INotebookEnvironment) => unknown> = {
  install: notebook => notebook.install('pandas>=2 "rich; python_version > \'3\'" git+https://example.org/x.git'),
  remove: notebook => notebook.remove('numpy'),
  use: notebook => notebook.use('juv'),
  upgrade: notebook => notebook.upgrade(),
  lock: notebook => notebook.lock(),
  build: notebook => notebook.build(),
  look: notebook => notebook.look(),
  accept: notebook => notebook.accept(DIGEST),
  relock: notebook => notebook.relock(),
  without: notebook => notebook.without(),
  cancel: notebook => notebook.cancel(),
  restart: notebook => notebook.restart(),
  interrupt: notebook => notebook.interrupt(),
  adopt: notebook => notebook.adopt(),
  take: async notebook => {
    for (const way of waysOf(PROBLEM)) {
      await notebook.take(way);
    }
  },
  record: notebook => notebook.record(),
  decline: notebook => notebook.decline(),
  dismiss: notebook => {
    notebook.dismiss();
  }
};

const KERNELS: IKernel[] = [
  ...['ready', 'standin', 'base', 'failed', 'busy'].map(wire.kernel),
  ...['changed', 'invalid', 'no-block', 'no-python', 'not-built', 'ready'].map(name => {
    return { ...wire.kernel('standin'), status: wire.status(name) };
  }),
  { ...wire.kernel('standin'), block: null, base: true, status: wire.status('no-block') }
];

const ENDS = [
  'done',
  'failed',
  'cancelled',
  'interrupted',
  'consent-needed',
  'needs-build',
  'needs-review',
  'no-wheel'
].map(wire.job);

for (const [name, act] of Object.entries(ACTIONS)) {
  test(`${name} sends what the server takes`, async () => {
    const cases = KERNELS.flatMap(kernel => ENDS.map(end => ({ kernel, end })));
    await Promise.all(cases.map(({ kernel, end }) => tried(act, kernel, end)));
  });
}

async function tried(act: (notebook: INotebookEnvironment) => unknown, kernel: IKernel, end: IJob): Promise<void> {
  const { notebook, environments } = await attached(({ document, server }) => {
    document.block = kernel.block;
    server.kernelAnswer = kernel;
    server.ends = [end];
  });
  await act(notebook);
  await notebook.changes.next(() => Promise.resolve(true));
  assert.deepEqual(forgiven(), [], `${kernel.status.state}, ${end.error?.code ?? end.state}`);
  environments.remove('panel');
}

test('each function of the client asks for an operation of its own', async () => {
  const server = new FakeServer();
  const api = createApi(server.settings);
  const store = createStoreApi(server.settings);
  const asked: Record<keyof IApi | keyof IStoreApi, () => Promise<unknown>> = {
    notebook: () => api.notebook('work/größe & maß #1?.ipynb'),
    kernel: () => api.kernel(KERNEL),
    putKernel: () => api.putKernel(KERNEL, null),
    startJob: () => api.startJob(wire.posted('post-job')),
    job: () => api.job(ID),
    cancelJob: () => api.cancelJob(ID),
    seeJob: () => api.seeJob(ID),
    decline: () => api.decline({ notebook: 'a.ipynb', before: null, block: wire.block() }),
    giveConsent: () => api.giveConsent(DIGEST, wire.block()),
    opinion: () => api.opinion('numpy', '2.5.5', null),
    without: () => api.without(KERNEL),
    environments: () => store.environments(),
    remove: () => store.remove(wire.stored()[0].id),
    clean: () => store.clean(true)
  };
  for (const ask of Object.values(asked)) {
    await ask();
  }
  assert.equal(server.asked.length, Object.keys(asked).length);
});

test('every action of the server has words', async () => {
  const { notebook } = await attached();
  for (const action of listed('Action', 'enum')) {
    const job = { ...wire.job('started'), action: action as IJob['action'] };
    const { short, sentence } = headline(view({ ...notebook.state, job }));
    assert.doesNotMatch(`${short} ${sentence}`, /undefined/i, action);
  }
});

test('a fake takes nothing that is not described, and gives nothing', async () => {
  const server = new FakeServer();
  const api = createApi(server.settings);
  await assert.rejects(api.startJob({ ...wire.posted('post-job'), action: 'base' as INewJob['action'] }));
  assert.match(forgiven().join(), /startJob: it\/action must be equal to one of the allowed values/);
  await assert.rejects(api.kernel('not an id'));
  assert.match(forgiven().join(), /kernel_id: it must match pattern/);
  server.kernelAnswer = { ...wire.kernel('ready'), more: 1 } as IKernel;
  await api.kernel(KERNEL);
  assert.match(forgiven().join(), /must NOT have additional properties/);
  server.refusals.set('getKernel', { ...refusal('not-ours', 500), body: 'a page' });
  await assert.rejects(api.kernel(KERNEL));
  assert.match(forgiven().join(), /it must be object/);
});
