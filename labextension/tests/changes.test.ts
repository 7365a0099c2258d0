import assert from 'node:assert/strict';
import { test } from 'node:test';

import { waysOf } from '../src/parts/ways';
import { refusal } from './fakes';
import { attached, recorded } from './table';
import * as wire from './wire';

test('an install is written, put, and told to the running kernel', async () => {
  const { document, server, notebook } = await attached(all => {
    recorded(all, wire.block('block-before'));
  });
  assert.equal(await notebook.install('six'), true);
  assert.deepEqual(server.started, [wire.posted('post-job')]);
  assert.deepEqual(document.block, wire.block());
  assert.deepEqual(server.put, [wire.block()]);
  assert.deepEqual(document.told, [wire.said('environment')]);
  assert.equal(notebook.state.job, null);
  assert.equal(notebook.state.done, 'six 1.17.0');
});

test('an install on a document that changed meanwhile is planned again', async () => {
  const { document, server, notebook } = await attached(all => {
    recorded(all, wire.block('block-before'));
  });
  const changed = { version: 1, dependencies: ['rich'] };
  const installing = notebook.install('six');
  setTimeout(() => {
    document.block = changed;
  }, 20);
  await installing;
  assert.deepEqual(
    server.started.map(job => job.block),
    [wire.block('block-before'), changed]
  );
});

test('a failure is shown and nothing is written', async () => {
  const { document, server, notebook } = await attached(recorded);
  server.ends = [wire.job('failed')];
  assert.equal(await notebook.install('pandas==2.2'), false);
  assert.equal(notebook.state.problem?.code, 'unsatisfiable');
  assert.equal(document.writes, 0);
  notebook.dismiss();
  assert.equal(notebook.state.problem, null);
});

test('an interrupted job says so', async () => {
  const { server, notebook } = await attached(recorded);
  server.ends = [wire.job('interrupted')];
  await notebook.upgrade();
  assert.ok(notebook.state.problem);
});

test('code that runs at a build needs a yes', async () => {
  const { server, notebook, asked } = await attached(recorded);
  server.ends = [wire.job('needs-build')];
  assert.equal(await notebook.install('hydra-core'), true);
  assert.deepEqual(asked, [['hydra-core']]);
  assert.deepEqual(server.started[1].args, { typed: 'hydra-core', allow_build: ['hydra-core'] });
});

test('a way out is taken step by step, and a build only after a yes', async () => {
  const all = await attached(recorded);
  all.server.ends = [wire.job('no-wheel')];
  await all.notebook.install('numpy==1.19.5');
  const { problem } = all.notebook.state;
  assert.ok(problem);
  const [python, version, build] = waysOf(problem);
  all.answer = false;
  assert.equal(await all.notebook.take(build), false);
  assert.deepEqual(all.asked, [['numpy']]);
  assert.equal(all.server.started.length, 1, 'nothing was built');
  assert.equal(await all.notebook.take(python), true);
  assert.equal(await all.notebook.take(version), true);
  assert.deepEqual(
    all.server.started.slice(1).map(({ action, args }) => [action, args.python ?? args.packages]),
    [
      ['python', '3.9'],
      ['install', ['numpy==1.19.5']],
      ['install', ['numpy==1.26.4']]
    ]
  );
});

test('a no leaves everything as it is', async () => {
  const all = await attached(recorded);
  all.answer = false;
  all.server.ends = [wire.job('needs-build')];
  assert.equal(await all.notebook.install('hydra-core'), false);
  assert.equal(all.server.started.length, 1);
  assert.equal(all.notebook.state.problem, null);
  assert.equal(all.notebook.state.done, 'Nothing has changed.');
});

test('a closure that nobody approved is shown, and accepted by its digest', async () => {
  const { server, notebook, asked } = await attached(recorded);
  const refused = wire.job('consent-needed');
  server.ends = [refused];
  await notebook.install('six');
  assert.deepEqual(asked, [refused.error?.data]);
  assert.equal(server.started[1].args.accept, refused.error?.data.digest);
});

test('the same question is not asked for ever', async () => {
  const { server, notebook, asked } = await attached(recorded);
  server.ends = [wire.job('consent-needed'), wire.job('consent-needed')];
  await notebook.install('six');
  assert.equal(asked.length, 1);
  assert.equal(notebook.state.problem?.code, 'consent-needed');
});

test('building a stranger’s environment needs a yes to exactly what was shown', async () => {
  const all = await attached(one => {
    recorded(one);
    one.server.kernelAnswer = wire.kernel('standin');
  });
  const digest = wire.status('not-built').consent?.digest ?? '';
  assert.equal(all.environments.standing(all.document.kernelId ?? ''), 'yes');
  all.answer = false;
  await all.notebook.build();
  assert.equal(all.server.started.length, 0);
  all.answer = true;
  await all.notebook.build();
  assert.deepEqual(all.server.consents, [digest]);
  assert.deepEqual(all.server.started[0].args, { accept: digest });
  assert.deepEqual(all.document.writes, 0);
});

test('the page learns at once that a built environment has its kernel', async () => {
  const all = await attached(one => {
    recorded(one);
    one.server.kernelAnswer = wire.kernel('standin');
  });
  await all.notebook.build();
  await new Promise(resolve => setTimeout(resolve, 700));
  assert.equal(all.refreshed, 1);
});

test('a closure that changed since it was shown is not built', async () => {
  const { server, notebook } = await attached(all => {
    recorded(all);
    all.server.kernelAnswer = wire.kernel('standin');
  });
  server.refusals.set('giveConsent', refusal('closure-changed', 409));
  await notebook.build();
  assert.deepEqual(server.started, []);
  assert.equal(notebook.state.problem?.code, 'closure-changed');
});

test('cancel stops the job of this notebook', async () => {
  const { server, notebook } = await attached(recorded);
  server.ends = Array<ReturnType<typeof wire.job>>(50).fill(wire.job('running'));
  const installing = notebook.install('six');
  await new Promise(resolve => setTimeout(resolve, 200));
  assert.equal(notebook.state.job?.state, 'running');
  await notebook.cancel();
  assert.equal(await installing, false);
  assert.equal(server.cancelled.length, 1);
  assert.equal(notebook.state.job, null);
  assert.equal(notebook.state.problem, null);
});

test('a job that runs for the kernel is followed after a reload of the page', async () => {
  const { document, notebook } = await attached(all => {
    recorded(all, wire.block('block-before'));
    all.server.kernelAnswer = { ...wire.kernel('busy'), block: wire.block('block-before') };
  });
  await new Promise(resolve => setTimeout(resolve, 300));
  assert.deepEqual(document.block, wire.block());
  assert.equal(notebook.state.job, null);
});

test('without a kernel the saved notebook is shown, and a change is not forgotten', async () => {
  const { document, notebook } = await attached(all => {
    all.document.kernel = 'none';
    all.document.kernelId = null;
  });
  const versions = (): unknown => notebook.state.status?.dependencies.map(item => item.version);
  assert.deepEqual(versions(), []);
  await notebook.install('six');
  assert.deepEqual(document.block, wire.block());
  assert.deepEqual(versions(), ['2.5.5', '1.17.0']);
});

const WAITING = { ...wire.kernel('base'), environment: null, standin: true };

test('the base environment is built without the block, for whoever waits for it', async () => {
  const { server, notebook, document } = await attached(one => {
    one.server.kernelAnswer = WAITING;
    one.server.ends = [built()];
  });
  await notebook.build();
  assert.deepEqual(server.started, [{ action: 'build', notebook: null, kernel: null, block: null, args: {} }]);
  assert.deepEqual([notebook.state.problem, notebook.state.done], [null, 'Built in 0.3 s.']);
  assert.deepEqual([document.told, document.writes], [[], 0]);
});

test('that somebody else built the base environment is not told as the notebook’s own', async () => {
  const { notebook, document } = await attached(one => {
    one.server.kernelAnswer = { ...WAITING, job: { ...wire.job('running'), ...FOR_ALL } };
    one.server.ends = [built()];
  });
  await notebook.changes.next(() => Promise.resolve(true));
  assert.deepEqual([notebook.state.done, document.told, document.writes], ['Built in 0.3 s.', [], 0]);
});

const FOR_ALL = { action: 'build', notebook: null, kernel: null } as const;

function built(): ReturnType<typeof wire.job> {
  const job = wire.job('done');
  assert.ok(job.result);
  return { ...job, ...FOR_ALL, result: { ...job.result, block: null, changed: {} } };
}

test('a list that is offered is taken after a yes to what it brings', async () => {
  const { server, notebook, asked } = await attached(({ document, server }) => {
    document.block = null;
    server.kernelAnswer = { ...wire.kernel('base'), offered: wire.notebook('notebook-offered').offered ?? [] };
  });
  assert.deepEqual(
    notebook.state.offered.map(({ sentence }) => sentence),
    ['juv: 3 packages, locked', 'requirements.txt: 1 package']
  );
  const refused = wire.job('consent-needed');
  server.ends = [refused];
  assert.equal(await notebook.use('juv'), true);
  assert.deepEqual(asked, [refused.error?.data]);
  assert.deepEqual(
    server.started.map(({ action, args }) => [action, args]),
    [
      ['import', { source: 'juv' }],
      ['import', { source: 'juv', accept: refused.error?.data.digest }]
    ]
  );
});
