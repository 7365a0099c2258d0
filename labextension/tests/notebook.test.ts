import assert from 'node:assert/strict';
import { test } from 'node:test';

import { refusal, SWITCHED } from './fakes';
import { attached, recorded } from './table';
import * as wire from './wire';

test('opening a notebook does not touch it', async () => {
  const { document, server, notebook } = await attached(recorded);
  assert.equal(document.writes, 0);
  assert.deepEqual(server.put, []);
  assert.equal(notebook.state.status?.state, 'ready');
  assert.equal(notebook.state.pending, null);
});

test('what the kernel did while no page showed the notebook is offered, not written', async () => {
  const { document, server, notebook } = await attached(all => {
    all.document.block = wire.block('block-before');
    all.server.kernelAnswer = wire.kernel('ready');
  });
  assert.equal(document.writes, 0);
  assert.deepEqual(notebook.state.pending?.block, wire.block());
  await notebook.record();
  assert.deepEqual(document.block, wire.block());
  assert.deepEqual(server.put, [wire.block()]);
  assert.equal(notebook.state.pending, null);
});

test('so is it where the document is changed in another way already, as by the language of its kernel', async () => {
  const { server, notebook } = await attached(all => {
    all.document.block = wire.block('block-before');
    all.document.dirty = true;
    all.server.kernelAnswer = wire.kernel('ready');
  });
  assert.deepEqual(server.put, []);
  assert.deepEqual(notebook.state.pending?.block, wire.block());
});

test('a change that waits in a file is offered', async () => {
  const { notebook } = await attached(all => {
    recorded(all, wire.block('block-before'));
    all.server.notebookAnswer = wire.notebook('notebook-pending');
  });
  assert.deepEqual(notebook.state.pending?.block, wire.block());
});

test('a kernel that started from an older file is told what the document says', async () => {
  const { document, server, notebook } = await attached(recorded);
  document.kernelId = SWITCHED;
  server.kernelAnswer = { ...wire.kernel('base'), id: SWITCHED };
  await notebook.attached();
  assert.deepEqual(server.put, [wire.block()]);
  assert.equal(document.writes, 0);
  assert.equal(notebook.state.pending, null);
});

test('a block from the kernel is written and put once', async () => {
  const { document, server, notebook } = await attached(all => {
    recorded(all, wire.block('block-before'));
  });
  await notebook.changes.heard(wire.said('block'));
  await notebook.changes.heard(wire.said('block'));
  await notebook.edited();
  assert.equal(document.writes, 1);
  assert.deepEqual(document.block, wire.block());
  assert.deepEqual(server.put, [wire.block(), wire.block()]);
  assert.equal(notebook.state.done, 'six 1.17.0');
});

test('a block that was made from another one is planned anew on the document’s', async () => {
  const other = { version: 1, dependencies: ['rich'] };
  const { server, notebook } = await attached(all => {
    recorded(all, other);
  });
  await notebook.changes.heard(wire.said('block'));
  const [job] = server.started;
  assert.equal(job.action, 'install');
  assert.deepEqual(job.args.packages, ['six']);
  assert.deepEqual(job.block, other);
});

test('what a cell installs is told while it runs', async () => {
  const { notebook } = await attached(recorded);
  await notebook.changes.heard(wire.said('progress'));
  assert.deepEqual(notebook.state.told, {
    phase: 'install',
    text: 'Installing six',
    done: 1,
    total: 3,
    fetched: [9000000, 17782654]
  });
  notebook.idle();
  assert.equal(notebook.state.told, null);
});

test('the kernel says that it needs a restart', async () => {
  const { document, notebook } = await attached(recorded);
  await notebook.changes.heard(wire.said('state-restart'));
  assert.equal(notebook.state.restart, 'restart to use numpy 2.5.5');
  await notebook.restart();
  assert.equal(document.restarts, 1);
});

test('an undo in the document is what a restart takes', async () => {
  const { document, server, notebook } = await attached(recorded);
  document.block = wire.block('block-before');
  await notebook.edited();
  await notebook.edited();
  assert.deepEqual(server.put, [wire.block('block-before')]);
});

test('a block that somebody deletes from the metadata is not what a restart takes', async () => {
  const { document, server, notebook } = await attached(recorded);
  document.block = null;
  await notebook.edited();
  await notebook.edited();
  assert.deepEqual(server.put, [null]);
});

test('what else changes in the metadata is not put', async () => {
  for (const block of [wire.block(), null]) {
    const { server, notebook } = await attached(all => {
      all.document.block = block;
      all.server.kernelAnswer = { ...wire.kernel('ready'), block };
    });
    await notebook.edited();
    assert.deepEqual(server.put, []);
  }
});

test('it does not decide about what is offered either', async () => {
  const { server, notebook } = await attached(all => {
    all.document.block = wire.block('block-before');
    all.server.kernelAnswer = wire.kernel('ready');
  });
  await notebook.edited();
  assert.deepEqual(server.put, []);
  assert.deepEqual(notebook.state.pending?.block, wire.block());
});

test('a block that the server cannot read is shown and kept', async () => {
  const { document, server, notebook } = await attached(all => {
    all.document.block = { version: 1, dependencies: ['numpy >'] };
    all.server.refusals.set('putKernel', refusal('req-syntax', 422));
  });
  assert.equal(notebook.state.status?.state, 'invalid');
  assert.equal(document.writes, 0);
  assert.deepEqual(server.put, []);
});

test('neither is one in a file that no kernel runs', async () => {
  const { document, notebook } = await attached(all => {
    all.document.kernel = 'none';
    all.document.kernelId = null;
    all.document.block = { version: 1, dependencies: ['numpy >'] };
    all.server.refusals.set('getNotebook', refusal('req-syntax', 422));
  });
  assert.deepEqual([notebook.state.status?.state, notebook.state.status?.error?.code], ['invalid', 'req-syntax']);
  assert.deepEqual([notebook.state.problem, document.writes], [null, 0]);
});

test('a notebook in another language is left alone', async () => {
  const { server, notebook } = await attached(all => {
    all.document.kernel = 'foreign';
    all.server.refusals.set('getNotebook', refusal('asked', 500));
    all.server.refusals.set('getKernel', refusal('asked', 500));
  });
  assert.equal(notebook.state.problem, null);
  assert.deepEqual(server.put, []);
});

test('a server that does not answer is named, and forgotten when it does', async () => {
  const { server, notebook } = await attached(all => {
    recorded(all);
    all.server.refusals.set('getKernel', refusal('no-server', 0));
  });
  assert.equal(notebook.state.problem?.code, 'no-server');
  server.refusals.clear();
  await notebook.refresh();
  assert.equal(notebook.state.problem, null);
  assert.equal(notebook.state.status?.state, 'ready');
});

test('events are hints: those of other schemas and kernels are not followed', async () => {
  const { environments, refreshed, notebook } = await attached(recorded);
  environments.event(wire.event());
  environments.event({ schema_id: 'https://example.org/other' });
  assert.equal(refreshed, 0);
  assert.equal(notebook.state.problem, null);
});

test('a closed panel is forgotten', async () => {
  const { environments, document, notebook } = await attached(recorded);
  const installing = notebook.install('six');
  environments.remove('panel');
  await installing;
  assert.equal(environments.current, null);
  assert.equal(document.writes, 0);
});
