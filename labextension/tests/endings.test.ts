/** Jobs that end while no page looks: how they ended is shown, once, by the next page. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Block, IJob, IWaiting } from '../src/api/wire';
import { refusal, type ITable } from './fakes';
import { attached, recorded } from './table';
import * as wire from './wire';

const BEFORE = wire.block('block-before');

async function opened(
  job: IJob,
  document: Block = BEFORE,
  more: (all: ITable) => void = () => undefined
): Promise<ITable> {
  const waiting: IWaiting = { job, before: BEFORE };
  const all = await attached(one => {
    recorded(one, document);
    one.server.kernelAnswer = { ...one.server.kernelAnswer, waiting };
    more(one);
  });
  await settled(all);
  return all;
}

async function settled({ notebook }: ITable): Promise<void> {
  await notebook.changes.next(() => Promise.resolve(true));
  await new Promise(resolve => setTimeout(resolve, 20));
}

test('what was installed is written into the notebook that asked for it', async () => {
  const all = await opened(wire.job('done'));
  assert.deepEqual([all.document.block, all.document.writes], [wire.block(), 1]);
  assert.deepEqual([all.server.put, all.document.told], [[wire.block()], [wire.said('environment')]]);
  assert.deepEqual([all.notebook.state.done, all.server.seen], ['six 1.17.0', [wire.job('done').id]]);
  await all.notebook.refresh();
  await settled(all);
  assert.equal(all.document.writes, 1);
});

test('a failure is shown', async () => {
  const { notebook, document, server } = await opened(wire.job('failed'));
  assert.deepEqual([notebook.state.problem?.code, document.writes], ['unsatisfiable', 0]);
  assert.deepEqual(server.seen, [wire.job('failed').id]);
  await notebook.attached(); // of its kernel, JupyterLab tells twice
  assert.equal(notebook.state.problem?.code, 'unsatisfiable');
  await notebook.attached(true);
  assert.equal(notebook.state.problem, null);
});

test('so is that it was stopped', async () => {
  const { notebook } = await opened(wire.job('cancelled'));
  assert.deepEqual([notebook.state.problem, notebook.state.done], [null, 'Stopped. Nothing has changed.']);
});

test('a notebook that is another one by now is asked first', async () => {
  const other = { version: 1, dependencies: ['rich'] };
  const all = await opened(wire.job('done'), other);
  assert.deepEqual([all.document.writes, all.server.seen], [0, []]);
  assert.deepEqual(all.notebook.state.pending, { before: BEFORE, block: wire.block(), unsure: true });
  await all.notebook.record();
  assert.deepEqual(
    all.server.started.map(job => [job.action, job.args.packages, job.block]),
    [['install', ['six'], other]]
  );
  assert.ok(all.server.seen.includes(wire.job('done').id));
});

/** Both have no block: the job's notebook, and the one that has its path now. */
async function withoutBlock(kernel: string | null, more: (all: ITable) => void = () => undefined): Promise<ITable> {
  const job: IJob = { ...wire.job('done'), kernel };
  const all = await attached(one => {
    one.document.block = null;
    const status = wire.status('no-block');
    one.server.kernelAnswer = { ...wire.kernel('ready'), status, block: null, waiting: { job, before: null } };
    more(one);
  });
  await settled(all);
  return all;
}

test('another notebook that has no block either, and the same path today, is asked first', async () => {
  for (const kernel of [null, 'of-yesterday']) {
    const all = await withoutBlock(kernel);
    assert.deepEqual([all.document.block, all.document.writes, all.server.put, all.server.seen], [null, 0, [], []]);
    const offered = { before: null, block: wire.block(), unsure: true };
    assert.deepEqual(all.notebook.state.pending, offered);
    await all.notebook.refresh();
    assert.deepEqual(all.notebook.state.pending, offered);
    await all.notebook.install('rich');
    assert.deepEqual(
      all.server.started.map(job => job.block),
      [null]
    );
  }
});

test('after a yes it is written', async () => {
  const all = await withoutBlock('of-yesterday');
  await all.notebook.record();
  await settled(all);
  assert.deepEqual([all.document.block, all.document.writes], [wire.block(), 1]);
  assert.deepEqual([all.notebook.state.pending, all.server.seen], [null, [wire.job('done').id]]);
});

test('what was made for its own kernel is written at once', async () => {
  const all = await withoutBlock(wire.kernel('ready').id, one => {
    one.document.kernelId = wire.kernel('ready').id;
  });
  assert.deepEqual([all.document.block, all.document.writes, all.notebook.state.pending], [wire.block(), 1, null]);
});

test('a job that still runs for another notebook of this path is offered when it has ended', async () => {
  const all = await attached(one => {
    one.document.block = null;
    one.document.kernel = 'none';
    one.document.kernelId = null;
    one.server.notebookAnswer = {
      ...wire.notebook(),
      status: wire.status('no-block'),
      pending: null,
      job: wire.job('running'),
      waiting: { job: { ...wire.job('done'), id: wire.job('running').id }, before: null }
    };
    one.server.ends = [{ ...wire.job('done'), id: wire.job('running').id }];
  });
  await new Promise(resolve => setTimeout(resolve, 300));
  await settled(all);
  assert.deepEqual([all.document.block, all.document.writes, all.server.seen], [null, 0, []]);
  assert.deepEqual(all.notebook.state.pending, { before: null, block: wire.block(), unsure: true });
});

test('a notebook without a kernel gets it, too', async () => {
  const { document, notebook, server } = await opened(wire.job('done'), BEFORE, all => {
    all.document.kernel = 'none';
    all.document.kernelId = null;
    all.server.notebookAnswer = {
      ...wire.notebook(),
      status: wire.status('no-block'),
      waiting: { job: wire.job('done'), before: BEFORE }
    };
  });
  assert.deepEqual([document.block, notebook.state.done], [wire.block(), 'six 1.17.0']);
  assert.deepEqual([server.put, server.seen.length], [[], 1]);
});

test('and the progress of a job that still runs, which it can stop', async () => {
  const all = await attached(one => {
    one.document.kernel = 'none';
    one.document.kernelId = null;
    one.server.notebookAnswer = { ...wire.notebook(), job: wire.job('running') };
    one.server.ends = Array<IJob>(50).fill(wire.job('running'));
  });
  await new Promise(resolve => setTimeout(resolve, 20));
  assert.equal(all.notebook.state.job?.state, 'running');
  await all.notebook.cancel();
  await settled(all);
  assert.deepEqual([all.server.cancelled.length, all.notebook.state.done], [1, 'Stopped. Nothing has changed.']);
});

test('where the server was not told that it was shown, this page does not show it again', async () => {
  const all = await opened(wire.job('failed'), BEFORE, one => {
    one.server.refusals.set('seeJob', refusal('no-server', 0));
  });
  all.notebook.dismiss();
  await all.notebook.refresh();
  await settled(all);
  assert.equal(all.notebook.state.problem, null);
});

test('how each job of this page ended counts as shown', async () => {
  const { server, notebook } = await attached(recorded);
  await notebook.install('six');
  server.ends = [wire.job('failed')];
  await notebook.install('six');
  await new Promise(resolve => setTimeout(resolve, 20));
  assert.equal(server.seen.length, 2);
});

test('what waits to be recorded is recorded before the next change', async () => {
  const { document, server, notebook } = await attached(all => {
    all.document.block = BEFORE;
    all.server.kernelAnswer = wire.kernel('ready');
  });
  assert.ok(notebook.state.pending);
  await notebook.install('rich');
  assert.deepEqual(
    server.started.map(job => job.block),
    [wire.block()]
  );
  assert.ok(document.block);
  assert.equal(notebook.state.pending, null);
});

test('what may wait for another notebook is not recorded by the next change, and stays offered', async () => {
  const block = wire.block();
  const waiting = [
    { before: BEFORE, block, unsure: true },
    { before: null, block }
  ];
  for (const pending of waiting) {
    const { document, server, notebook } = await attached(all => {
      all.document.block = pending.before;
      all.document.kernel = 'none';
      all.document.kernelId = null;
      all.server.notebookAnswer = { ...wire.notebook(), waiting: null, pending };
      all.server.ends = [wire.job('failed')];
    });
    await notebook.install('rich');
    assert.deepEqual(
      server.started.map(job => job.block),
      [pending.before]
    );
    assert.deepEqual([document.writes, notebook.state.pending], [0, pending]);
  }
});

test('what waits to be recorded can be declined, and the kernel goes back to what the document says', async () => {
  const { document, server, notebook } = await attached(all => {
    all.document.block = BEFORE;
    all.server.kernelAnswer = wire.kernel('ready');
  });
  const { pending } = notebook.state;
  assert.ok(pending);
  server.put = [];
  await notebook.decline();
  assert.deepEqual(server.declined, [{ notebook: document.path, before: pending.before, block: pending.block }]);
  assert.deepEqual([document.block, document.writes, server.put], [BEFORE, 0, [BEFORE]]);
  assert.equal(notebook.state.pending, null);
  await notebook.refresh();
  assert.equal(notebook.state.pending, null);
});

test('a change that is not saved is not forgotten by a look at the file', async () => {
  const { notebook } = await attached(all => {
    all.document.kernel = 'none';
    all.document.kernelId = null;
  });
  await notebook.install('six');
  await notebook.refresh();
  assert.deepEqual(
    notebook.state.status?.dependencies.map(item => item.version),
    ['2.5.5', '1.17.0']
  );
});
