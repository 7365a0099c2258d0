import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as React from 'react';
import { renderToStaticMarkup } from 'react-dom/server';

import { problem, Refusal } from '../src/api';
import { StorageView } from '../src/components/storage';
import { START, Storage, told, type IStorageState } from '../src/storage';
import type { ICleaned, IStored, IStoreApi } from '../src/store';
import type { IJob } from '../src/wire';
import { job, wire } from './wire';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const stored = (): IStored[] => (wire('environments') as { environments: IStored[] }).environments;
const cleaned = (): ICleaned => job('cleaned').result as unknown as ICleaned;

class FakeStore implements IStoreApi {
  here = stored();
  asked: string[] = [];
  refusal: Refusal | null = null;
  end: IJob = job('cleaned');

  environments(): Promise<{ environments: IStored[] }> {
    return this._answer('list', { environments: this.here });
  }

  remove(id: string): Promise<void> {
    this.here = this.here.filter(item => item.id !== id);
    return this._answer(`remove ${id}`, undefined);
  }

  clean(dryRun: boolean): Promise<IJob> {
    return this._answer(dryRun ? 'look' : 'clean', job('started'));
  }

  job(): Promise<IJob> {
    return Promise.resolve(this.end);
  }

  private _answer<T>(asked: string, answer: T): Promise<T> {
    this.asked.push(asked);
    return this.refusal ? Promise.reject(this.refusal) : Promise.resolve(answer);
  }
}

function shown(part: Partial<IStorageState>): string {
  const actions = new Storage(new FakeStore());
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
  assert.match(shown({ environments: [running] }), /title="A kernel runs in it\." disabled=""/);
  assert.doesNotMatch(shown({ environments: [other] }), /Delete…<\/button>.*disabled|disabled=""[^>]*>Delete…/);
  assert.match(shown({ environments: [{ ...other, mine: false }] }), /disabled=""[^>]*>Delete…/);
});

test('a delete is asked for twice', async () => {
  const api = new FakeStore();
  const model = new Storage(api);
  await model.load();
  const id = api.here[1].id;
  model.doubt(id);
  assert.match(shown(model.state), />Delete<\/button>/);
  await model.remove(id);
  assert.deepEqual(api.asked, ['list', `remove ${id}`, 'list']);
  assert.deepEqual([model.state.environments?.length, model.state.done, model.state.doubted], [1, 'Deleted.', null]);
});

test('cleaning tells first what would go', async () => {
  const api = new FakeStore();
  const model = new Storage(api);
  await model.load();
  await model.look();
  assert.deepEqual(api.asked, ['list', 'look']);
  const html = shown(model.state);
  assert.match(html, /Nothing has used these for 30 days: 1 environment, 14 packages, 3 leftovers, 512 MB\./);
  assert.match(html, /jp-mod-going/);
  await model.clean();
  assert.deepEqual(api.asked.slice(2), ['clean', 'list']);
  assert.equal(model.state.done, `Freed: ${told(cleaned())}.`);
});

test('where there is nothing to clean, nothing is offered', async () => {
  const api = new FakeStore();
  const none = { ...cleaned(), environments: [], wheels: 0, leftovers: 0, bytes: 0 };
  api.end = { ...job('cleaned'), result: none as unknown as IJob['result'] };
  const model = new Storage(api);
  await model.look();
  assert.deepEqual([model.state.offer, model.state.done], [null, 'There is nothing to clean.']);
});

test('what fails is shown, and the next try is free', async () => {
  const api = new FakeStore();
  const model = new Storage(api);
  await model.load();
  api.refusal = new Refusal(problem('in-use', 'A kernel runs in this environment.', 'Shut that kernel down.'), 409);
  await model.remove(api.here[0].id);
  assert.equal(model.state.problem?.code, 'in-use');
  assert.equal(model.state.busy, '');
  api.refusal = null;
  api.end = job('failed');
  await model.clean();
  assert.deepEqual(model.state.problem, job('failed').error);
});

test('a view that was closed is told nothing more', async () => {
  const model = new Storage(new FakeStore());
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
