/** Two windows of one notebook, each with a document of its own: they have one kernel, and so one environment. */

import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import type { Block, IJob } from '../src/api/wire';
import { refusal, type ITable } from './fakes';
import { attached, recorded } from './table';
import * as wire from './wire';

const OTHER: Block = { version: 1, dependencies: ['rich'] };

/** The other window changes the kernel's block, and the server says that something has changed. */
async function elsewhere({ server, environments, document, notebook }: ITable, block: Block | null): Promise<void> {
  server.kernelAnswer = { ...wire.kernel('ready'), block };
  environments.event({ ...wire.event(), what: 'kernel', id: document.kernelId ?? '', state: 'changed' } as never);
  await notebook.refresh();
  await new Promise(resolve => setTimeout(resolve, 20));
}

test('what the other window has changed is in this document, too, and is not sent back', async () => {
  const all = await attached(one => {
    recorded(one, wire.block('block-before'));
  });
  await elsewhere(all, wire.block());
  await all.notebook.edited();
  assert.deepEqual([all.document.block, all.document.writes], [wire.block(), 1]);
  await elsewhere(all, null);
  assert.deepEqual([all.document.block, all.server.put], [null, []]);
});

test('of two installs at once the second is planned again on what the first did', async () => {
  const { document, server, notebook } = await attached(all => {
    recorded(all, wire.block('block-before'));
  });
  server.refusals.set('putKernel', refusal('block-changed', 409));
  server.kernelAnswer = { ...wire.kernel('ready'), block: OTHER };
  const nothing = (): void => undefined;
  const clear = (): void => {
    server.refusals.clear();
  };
  server.meanwhile = [nothing, nothing, clear];
  assert.equal(await notebook.install('six'), true);
  assert.deepEqual(
    server.started.map(job => job.block),
    [wire.block('block-before'), OTHER]
  );
  assert.deepEqual([document.block, notebook.state.done], [wire.block(), 'six 1.17.0']);
});

test('a change of this document that the server does not have yet is not taken back', async () => {
  const all = await attached(one => {
    recorded(one, wire.block('block-before'));
  });
  all.document.block = OTHER;
  await elsewhere(all, wire.block());
  assert.deepEqual([all.document.block, all.document.writes], [OTHER, 0]);
});

test('an answer that was overtaken by a change of this window is not another window’s', async () => {
  const { document, notebook } = await attached(all => {
    recorded(all, wire.block('block-before'));
  });
  const { api } = notebook.context;
  const ask = api.kernel;
  let answer = (): void => undefined;
  const held = new Promise<void>(resolve => {
    answer = resolve;
  });
  api.kernel = async id => {
    const told = await ask(id);
    await held;
    return told;
  };
  const looking = notebook.refresh();
  await notebook.install('six');
  answer();
  await looking;
  assert.deepEqual([document.block, document.writes], [wire.block(), 1]);
});

test('what was offered when it was opened is still offered', async () => {
  const all = await attached(one => {
    one.document.block = wire.block('block-before');
    one.server.kernelAnswer = wire.kernel('ready');
  });
  await elsewhere(all, wire.block());
  assert.equal(all.document.writes, 0);
  assert.deepEqual(all.notebook.state.pending?.block, wire.block());
});

test('a document that the windows share gets it from the other window', async () => {
  const all = await attached(one => {
    one.document.shared = true;
    recorded(one, wire.block('block-before'));
  });
  await elsewhere(all, wire.block());
  assert.equal(all.document.writes, 0);
});

test('what is reverted here counts, if the other window was quicker or not', async () => {
  const { document, server, notebook } = await attached(recorded);
  document.block = wire.block('block-before');
  server.refusals.set('putKernel', refusal('block-changed', 409));
  server.kernelAnswer = { ...wire.kernel('ready'), block: OTHER };
  server.meanwhile = [
    () => {
      server.refusals.clear();
    }
  ];
  await notebook.edited();
  assert.deepEqual(server.put, [wire.block('block-before')]);
  assert.deepEqual(document.block, wire.block('block-before'));
});

const TURN = 1000;

/** What is on its way arrives; no time passes. */
async function arrived(): Promise<void> {
  for (let round = 0; round < 30; round += 1) {
    await new Promise(resolve => setImmediate(resolve));
  }
}

/** The other window has started a job, which has ended; nobody has shown how. Tells what this one shows of it. */
async function ended(job: IJob, milliseconds: number, check: (all: ITable) => Promise<void> | void): Promise<void> {
  const all = await attached(recorded);
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    all.server.kernelAnswer = { ...all.server.kernelAnswer, waiting: { job, before: all.document.block } };
    await all.notebook.refresh();
    mock.timers.tick(milliseconds);
    await arrived();
    await check(all);
  } finally {
    mock.timers.reset();
  }
}

const QUESTIONS = ['consent-needed', 'needs-build', 'needs-review'];

test('what the other window asks its user is no failure here, however long that takes', async () => {
  for (const name of QUESTIONS) {
    await ended(wire.job(name), 100 * TURN, ({ notebook, server }) => {
      assert.deepEqual([notebook.state.problem, server.seen], [null, []], name);
    });
  }
});

test('if that window went away, the next one that opens tells it', async () => {
  for (const name of QUESTIONS) {
    const job = wire.job(name);
    const { notebook, server } = await attached(all => {
      recorded(all);
      all.server.kernelAnswer = { ...all.server.kernelAnswer, waiting: { job, before: all.document.block } };
    });
    await new Promise(resolve => setTimeout(resolve, 20));
    assert.deepEqual([notebook.state.problem?.code, server.seen], [name, [job.id]]);
  }
});

test('a failure in the other window is told here after its turn, until a later change has worked', async () => {
  await ended(wire.job('failed'), TURN - 1, ({ notebook, server }) => {
    assert.deepEqual([notebook.state.problem, server.seen], [null, []]);
  });
  await ended(wire.job('failed'), TURN, async ({ notebook, server }) => {
    assert.deepEqual([notebook.state.problem?.code, server.seen], ['unsatisfiable', [wire.job('failed').id]]);
    await notebook.refresh();
    assert.equal(notebook.state.problem?.code, 'unsatisfiable');
    const { status } = server.kernelAnswer;
    server.kernelAnswer = { ...server.kernelAnswer, status: { ...status, digest: `sha256:${'f'.repeat(64)}` } };
    await notebook.refresh();
    assert.equal(notebook.state.problem, null);
  });
});

test('so is that of a build', async () => {
  const status = wire.status('not-built');
  await ended({ ...wire.job('failed'), action: 'build' }, 0, async ({ notebook, server }) => {
    server.kernelAnswer = { ...server.kernelAnswer, status };
    await notebook.refresh();
    mock.timers.tick(TURN);
    await arrived();
    assert.equal(notebook.state.problem?.code, 'unsatisfiable');
    server.kernelAnswer = { ...server.kernelAnswer, status: { ...wire.status('ready'), digest: status.digest } };
    await notebook.refresh();
    assert.equal(notebook.state.problem, null);
  });
});
