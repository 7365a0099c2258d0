/** Who is told of what: the page has many chips, panels and banners, and a job tells of itself several times a second. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Signal } from '@lumino/signaling';

import { FakeDocument, SWITCHED, table, type ITable } from './fakes';
import { attached, recorded } from './table';
import * as wire from './wire';

function heard(signal: { connect: (slot: () => void) => unknown }): { times: number } {
  const ear = { times: 0 };
  signal.connect(() => {
    ear.times += 1;
  });
  return ear;
}

/** All that a fake server is asked is answered by then. */
function answered(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 50));
}

test('what one notebook does is not told to those who show another', async () => {
  const { environments, notebook } = await attached(recorded);
  const other = environments.add('other', new FakeDocument());
  const ears = [heard(environments.changed), heard(other.changed), heard(notebook.changed)];
  await notebook.install('six');
  assert.deepEqual([ears[0].times, ears[1].times], [0, 0]);
  assert.ok(ears[2].times > 1);
});

test('nobody is told of what was so before', async () => {
  const { environments, notebook } = await attached(recorded);
  const ears = [heard(notebook.changed), heard(environments.changed), heard(environments.learned)];
  const before = notebook.state;
  await notebook.refresh();
  await notebook.moved();
  notebook.dismiss();
  environments.show('panel');
  assert.deepEqual(
    ears.map(ear => ear.times),
    [0, 0, 0]
  );
  assert.equal(notebook.state, before);
});

test('a state that was shown never changes', async () => {
  const { notebook } = await attached(recorded);
  const before = notebook.state;
  const copy = JSON.stringify(before);
  await notebook.install('six');
  assert.equal(JSON.stringify(before), copy);
  assert.notEqual(notebook.state, before);
});

test('those who wait for it learn what answers for a kernel, also where nothing else is new', async () => {
  const all: ITable = table();
  recorded(all);
  const ear = heard(all.environments.learned);
  await all.notebook.attached();
  assert.deepEqual([ear.times, all.environments.standing(all.document.kernelId ?? '')], [1, 'no']);
  await all.notebook.refresh();
  assert.equal(ear.times, 1);
  all.document.kernelId = SWITCHED;
  all.server.kernelAnswer = { ...wire.kernel('ready'), id: SWITCHED, block: all.document.block };
  await all.notebook.refresh();
  assert.equal(ear.times, 2);
});

test('whoever deactivates it hears nothing more of it, and it follows no event', async () => {
  const { document, environments, notebook, server } = await attached(recorded);
  const stream = new Signal<object, { readonly schema_id: string }>({});
  environments.listen(stream);
  const event = { ...wire.event(), what: 'kernel', id: document.kernelId };
  const before = server.asked.length;
  stream.emit(event);
  await answered();
  assert.ok(server.asked.length > before);
  const ears = [heard(notebook.changed), heard(environments.changed)];
  environments.dispose();
  environments.dispose();
  const { length } = server.asked;
  stream.emit(event);
  await notebook.refresh();
  await answered();
  assert.deepEqual([ears[0].times, ears[1].times, server.asked.length], [0, 0, length]);
  assert.deepEqual([environments.isDisposed, environments.current], [true, null]);
});
