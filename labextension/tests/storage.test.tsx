import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as React from 'react';
import { renderToStaticMarkup } from 'react-dom/server';

import { StorageView } from '../src/storage/view';
import { START, Storage, told, type IStorageState } from '../src/storage/model';
import { createStoreApi } from '../src/storage/api';
import type { AnyJob } from '../src/api/wire';
import { FakeServer, refusal } from './fakes';
import { cleaned, job, stored } from './wire';

const NOW = Date.parse('2026-11-21T12:00:00Z');

/** A server whose cleaning ends as `end`, and the view of it. */
function cleaning(end: AnyJob = cleaned()): { server: FakeServer; model: Storage } {
  const server = new FakeServer();
  server.ends = [end, end];
  return { server, model: new Storage(createStoreApi(server.settings)) };
}

function shown(part: Partial<IStorageState>): string {
  const actions = cleaning().model;
  return renderToStaticMarkup(<StorageView state={{ ...START, ...part }} actions={actions} now={NOW} />);
}

test('each environment is told with what it takes, who used it and how it is', () => {
  const html = shown({ environments: stored() });
  assert.match(html, /2 environments, 606 kB of their own\./);
  assert.match(html, /311 kB of its own, 59 MB shared/);
  assert.match(html, /last used 2 months ago/);
  assert.match(html, /work\/a\.ipynb/);
  assert.match(html, /its Python was changed/);
});

test('one that runs cannot be deleted, and says why', () => {
  const [running, other] = stored();
  assert.match(shown({ environments: [running] }), /title="A kernel is running in it\." disabled=""/);
  assert.doesNotMatch(shown({ environments: [other] }), /Delete…<\/button>.*disabled|disabled=""[^>]*>Delete…/);
  assert.match(shown({ environments: [{ ...other, mine: false }] }), /disabled=""[^>]*>Delete…/);
});

test('a delete is asked for twice', async () => {
  const { server, model } = cleaning();
  await model.load();
  const id = server.environments[1].id;
  model.doubt(id);
  assert.match(shown(model.state), />Delete<\/button>/);
  await model.remove(id);
  assert.deepEqual(server.asked, ['listEnvironments', 'deleteEnvironment', 'listEnvironments']);
  assert.ok(!server.environments.some(item => item.id === id));
  assert.deepEqual([model.state.environments?.length, model.state.done, model.state.doubted], [1, 'Deleted.', null]);
});

test('cleaning tells first what would go', async () => {
  const { server, model } = cleaning();
  await model.load();
  await model.look();
  assert.deepEqual(
    server.started.map(started => started.args),
    [{ dry_run: true }]
  );
  const html = shown(model.state);
  assert.match(html, /Nothing has used these for 30 days: 1 environment, 14 packages, 3 leftovers, 512 MB\./);
  assert.match(html, /jp-mod-going/);
  await model.clean();
  assert.deepEqual(server.started[1], { action: 'gc', args: { dry_run: false } });
  assert.equal(server.asked[server.asked.length - 1], 'listEnvironments');
  assert.equal(model.state.done, `Freed: ${told(cleaned().result)}.`);
});

test('where there is nothing to clean, nothing is offered', async () => {
  const none = { ...cleaned().result, environments: [], wheels: 0, leftovers: 0, bytes: 0 };
  const { model } = cleaning({ ...cleaned(), result: none });
  await model.look();
  assert.deepEqual([model.state.offer, model.state.done], [null, 'There is nothing to clean up.']);
});

test('what fails is shown, and the next try is free', async () => {
  const { server, model } = cleaning();
  await model.load();
  server.refusals.set('deleteEnvironment', refusal('in-use', 409));
  await model.remove(server.environments[0].id);
  assert.equal(model.state.problem?.code, 'in-use');
  assert.equal(model.state.busy, '');
  server.ends = [job('failed')];
  await model.clean();
  assert.deepEqual(model.state.problem, job('failed').error);
});

test('a view that was closed is told nothing more', async () => {
  const model = cleaning().model;
  let heard = 0;
  model.changed.connect(() => {
    heard += 1;
  });
  const loading = model.load();
  model.dispose();
  const before = heard;
  await loading;
  assert.equal(heard, before);
});

test('foreign strings stay text', () => {
  const evil = '<img src=x onerror=alert(1)>';
  const html = shown({ environments: [{ ...stored()[1], notebooks: [evil], version: evil }], done: evil });
  assert.doesNotMatch(html, /<img/);
});
