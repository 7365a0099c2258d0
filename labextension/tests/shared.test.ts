/** One document that two pages share, as real-time collaboration makes it: each may be quicker than the other. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Block, IJob, IKernelBlock } from '../src/api/wire';
import { attached, recorded } from './table';
import * as wire from './wire';

const BEFORE: Block = { version: 1, dependencies: ['six'], history: [entry('six')] };
const AFTER: Block = { version: 1, dependencies: ['six', 'rich'], history: [entry('six'), entry('rich')] };
const LATER: Block = { version: 1, dependencies: ['six'], history: [entry('six'), entry('rich'), entry('six')] };

function entry(did: string): { did: string } {
  return { did };
}

function done(block: Block): IJob {
  const job = wire.job('done');
  assert.ok(job.result);
  return { ...job, result: { ...job.result, block } };
}

test('what a page did is not planned again because the other page wrote it first', async () => {
  const { document, server, notebook } = await attached(all => {
    recorded(all, BEFORE);
  });
  server.ends = [done(AFTER), done(AFTER)];
  const installing = notebook.install('rich');
  setTimeout(() => {
    document.block = AFTER;
  }, 20);
  assert.equal(await installing, true);
  assert.equal(server.started.length, 1);
  assert.deepEqual([document.block, document.writes], [AFTER, 0]);
});

test('a job of the other page is written by this one where that one is gone', async () => {
  const { document, server, notebook } = await attached(all => {
    recorded(all, BEFORE);
  });
  server.ends = [done(AFTER)];
  notebook.changes.join(wire.job('running'));
  await notebook.changes.next(() => Promise.resolve(true));
  assert.deepEqual(document.block, AFTER);
});

test('a job of the other page that this one saw late takes nothing back', async () => {
  const { document, server, notebook } = await attached(all => {
    recorded(all, BEFORE);
  });
  server.ends = [done(AFTER)];
  notebook.changes.join(wire.job('running'));
  document.block = LATER;
  await notebook.changes.next(() => Promise.resolve(true));
  assert.deepEqual([document.block, document.writes], [LATER, 0]);
});

test('what the kernel tells both pages is done once, even after a later change', async () => {
  const { document, server, notebook } = await attached(all => {
    recorded(all, BEFORE);
  });
  document.block = LATER;
  await notebook.changes.heard({ ...(wire.said('block') as IKernelBlock), before: BEFORE, block: AFTER });
  assert.deepEqual([document.block, document.writes], [LATER, 0]);
  assert.deepEqual(server.started, []);
});

test('a job that a reload has separated from its page is planned again on what the other page did meanwhile', async () => {
  const { document, server, notebook } = await attached(all => {
    recorded(all, BEFORE);
  });
  server.ends = [done(AFTER)];
  document.block = { version: 1, dependencies: ['six', 'numpy'], history: [entry('six'), entry('numpy')] };
  notebook.changes.join(wire.job('running'));
  await notebook.changes.next(() => Promise.resolve(true));
  assert.deepEqual(
    server.started.map(job => [job.action, job.args.packages, job.block?.dependencies]),
    [['install', ['rich'], ['six', 'numpy']]]
  );
});
