import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ISessionContext } from '@jupyterlab/apputils';
import type { INotebookCellExecutor } from '@jupyterlab/notebook';

import { createExecutor } from '../src/document/executor';
import { Gate } from '../src/document/gate';
import { refusal, type ITable } from './fakes';
import { FakeContext, FakeKernel } from './session';
import { attached, recorded } from './table';
import * as wire from './wire';

type Options = INotebookCellExecutor.IRunCellOptions;

class Stage {
  readonly context = new FakeContext();
  readonly ran: string[] = [];
  readonly ended: string[] = [];
  readonly kept: string[] = [];
  readonly executor: INotebookCellExecutor;

  constructor(
    readonly all: ITable,
    patience = 10_000
  ) {
    this.executor = createExecutor({
      gate: new Gate(all.environments, patience),
      run: options => {
        this.ran.push(options.cell.model.sharedModel.getSource());
        return Promise.resolve(true);
      },
      kept: why => {
        this.kept.push(why);
      }
    });
  }

  get kernel(): FakeKernel {
    return new FakeKernel(this.all.document.kernelId ?? '');
  }

  run(source: string, outputs = 1, type = 'code'): Promise<boolean> {
    const model = { type, outputs: { length: outputs }, sharedModel: { getSource: () => source } };
    return this.executor.runCell({
      cell: { model },
      sessionContext: this.context as unknown as ISessionContext,
      sessionDialogs: { selectKernel: () => Promise.resolve() },
      onCellExecuted: () => this.ended.push(source)
    } as unknown as Options);
  }
}

/** The server has said nothing of the kernel yet. */
async function unasked(standin: boolean, patience?: number): Promise<Stage> {
  const all = await attached(one => {
    recorded(one);
    one.server.kernelAnswer = wire.kernel(standin ? 'standin' : 'ready');
    one.server.refusals.set('getKernel', refusal('no-server', 0));
  });
  return new Stage(all, patience);
}

function answers({ all }: Stage): Promise<void> {
  all.server.refusals.clear();
  return all.notebook.refresh();
}

/** Whatever has been decided has come through. */
const settle = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 0));

test('cells wait for the session, for the kernel, and for what the server says of it, and then run in their order', async () => {
  const stage = await unasked(false);
  const { context, kernel } = stage;
  kernel.silent = true;
  context.hasNoKernel = true; // so it looks while the session is being looked for
  const runs = [stage.run('1'), stage.run('2', 0), stage.run('3')];
  await settle();
  assert.deepEqual([stage.ran, context.starts], [[], 0]);
  context.hasNoKernel = false;
  const silent = kernel;
  silent.silent = true;
  context.has(silent);
  await settle();
  assert.deepEqual(stage.ran, []);
  await answers(stage);
  assert.deepEqual(await Promise.all(runs), [true, true, true]);
  assert.deepEqual([stage.ran, stage.kept], [['1', '2', '3'], []]);
});

test('a stand-in takes no outputs, whoever says first that it is one', async () => {
  for (const sayer of ['server', 'kernel']) {
    const stage = await unasked(true);
    const kernel = stage.kernel;
    kernel.implementation = 'jupyter-envs';
    kernel.silent = sayer === 'server';
    const runs = [stage.run('1'), stage.run('2', 0), stage.run('%env-build'), stage.run('3')];
    stage.context.has(kernel);
    await settle();
    if (sayer === 'server') {
      await answers(stage);
    }
    assert.deepEqual(await Promise.all(runs), [false, true, true, false]);
    assert.deepEqual(
      [stage.ran, stage.ended],
      [
        ['2', '%env-build'],
        ['1', '3']
      ],
      sayer
    );
    assert.deepEqual([...new Set(stage.kept)], ['This notebook’s environment is not built yet.']);
  }
});

test('where nobody ever says what the kernel is, cells with outputs do not run, and that is said', async () => {
  const stage = await unasked(true, 20);
  const kernel = stage.kernel;
  kernel.silent = true;
  stage.context.has(kernel);
  assert.deepEqual(await Promise.all([stage.run('1'), stage.run('2', 0)]), [false, true]);
  assert.deepEqual(
    [stage.ran, stage.kept],
    [['2'], ['It is not known yet whether this notebook’s environment is ready.']]
  );
});

test('a session that never comes takes no outputs', async () => {
  const stage = await unasked(false, 20);
  assert.equal(await stage.run('1'), false);
  assert.deepEqual(stage.ran, []);
});

test('what is known is not asked, and runs at once', async () => {
  const all = await attached(recorded);
  const stage = new Stage(all);
  const kernel = stage.kernel;
  stage.context.has(kernel);
  const run = stage.run('1');
  assert.deepEqual([stage.ran, kernel.asked], [['1'], 0]);
  assert.equal(await run, true);
});

test('a kernel of somebody else’s is never waited for', async () => {
  const stage = await unasked(false);
  const kernel = new FakeKernel('other', 'python3');
  kernel.silent = true;
  stage.context.has(kernel);
  void stage.run('1');
  assert.deepEqual([stage.ran, kernel.asked], [['1'], 0]);
});

test('a kernel for one notebook says itself that it stands in, once', async () => {
  const stage = await unasked(false);
  const kernel = new FakeKernel('named', 'mine');
  kernel.implementation = 'jupyter-envs';
  stage.context.has(kernel);
  assert.equal(await stage.run('1'), false);
  assert.equal(await stage.run('2'), false);
  assert.deepEqual([stage.ran, kernel.asked], [[], 1]);
});

test('after a restart nothing of before counts', async () => {
  const stage = new Stage(await attached(recorded));
  const { all, context } = stage;
  const kernel = stage.kernel;
  const old = await kernel.info;
  assert.ok(old);
  context.has(kernel);
  assert.equal(all.environments.standing(kernel.id), 'no');
  all.server.kernelAnswer = wire.kernel('standin');
  kernel.implementation = 'jupyter-envs';
  context.restarts(true);
  all.notebook.standings.restarting(kernel.id);
  await all.notebook.refresh(); // told while it restarts: perhaps of the process before
  const run = stage.run('1');
  await settle();
  assert.deepEqual([stage.ran, stage.kept], [[], []]);
  context.restarts(false);
  assert.equal(await run, false);
  assert.deepEqual(stage.ran, []);
  await all.notebook.attached();
  assert.equal(all.environments.standing(kernel.id), 'yes');
});

test('an answer that was asked for before a restart is not taken for one after it', async () => {
  const all = await attached(recorded);
  const id = all.document.kernelId ?? '';
  all.server.meanwhile = [
    () => {
      all.server.kernelAnswer = { ...wire.kernel('standin'), id };
      all.notebook.standings.restarting(id);
      all.notebook.standings.started();
    }
  ];
  await all.notebook.refresh();
  assert.equal(all.environments.standing(id), 'yes');
});

test('without a kernel the user is asked for one once, and may want none', async () => {
  const stage = await unasked(true);
  const { context } = stage;
  context.has(null);
  context.hasNoKernel = true;
  assert.deepEqual(await Promise.all([stage.run('1'), stage.run('2'), stage.run('3', 0)]), [false, false, false]);
  assert.deepEqual([stage.ran, context.starts, stage.kept], [[], 1, []]);
  const chosen = stage.kernel;
  chosen.implementation = 'jupyter-envs';
  context.chosen = chosen;
  assert.deepEqual(await Promise.all([stage.run('1'), stage.run('2', 0)]), [false, true]);
  assert.deepEqual([stage.ran, context.starts], [['2'], 2]);
});

test('what is no code, and what JupyterLab does not run now, is its own affair', async () => {
  const stage = await unasked(true);
  await stage.run('# text', 0, 'markdown');
  stage.context.pendingInput = true;
  await stage.run('1');
  assert.deepEqual(stage.ran, ['# text', '1']);
});
