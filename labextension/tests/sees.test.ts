/** What the running kernel has and does, as the page learns it from the server. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { FromKernel, IEnvironment, IKernel } from '../src/api/wire';
import { BLANK } from '../src/model/state';
import { view } from '../src/view';
import { headline } from '../src/words';
import { refusal } from './fakes';
import { attached, recorded } from './table';
import * as wire from './wire';

const LATE: IKernel = {
  ...wire.kernel('ready'),
  environment: { ...seen(), id: 'b'.repeat(26), packages: { ipykernel: '7.4.0', numpy: '2.5.5' } },
  next: seen()
};

function seen(): IEnvironment {
  const { environment } = wire.kernel('ready');
  assert.ok(environment);
  return environment;
}

test('a kernel that does not see what the block asks for is told of it, once', async () => {
  const { document, server, notebook } = await attached(all => {
    recorded(all);
    all.server.kernelAnswer = LATE;
  });
  await notebook.refresh();
  const changed = { six: [null, '1.17.0'] };
  assert.deepEqual(document.told, [{ type: 'environment', block: wire.block(), environment: seen(), changed }]);
  assert.deepEqual([notebook.state.coming, notebook.state.late], [['six 1.17.0'], ['six']]);
  server.kernelAnswer = wire.kernel('ready');
  await notebook.heard({ ...wire.said('state'), environment: seen() } as FromKernel);
  assert.deepEqual([notebook.state.coming, notebook.state.late], [null, []]);
});

test('it is told as soon as it can be', async () => {
  const { document, notebook } = await attached(all => {
    recorded(all);
    all.document.deaf = true;
    all.server.kernelAnswer = LATE;
  });
  assert.deepEqual(document.told, []);
  document.deaf = false;
  await notebook.heard({ ...wire.said('state'), environment: LATE.environment } as FromKernel);
  assert.equal(document.told.length, 1);
});

test('what it has refused is not told again, and what it keeps is named', async () => {
  const restart = 'restart to use six 1.17.0';
  const { document, notebook } = await attached(all => {
    recorded(all);
    all.server.kernelAnswer = { ...LATE, restart };
  });
  assert.deepEqual(document.told, []);
  assert.deepEqual([notebook.state.restart, notebook.state.coming, notebook.state.late], [restart, null, ['six']]);
  assert.equal(notebook.state.python, '3.12.4');
});

test('a question of the kernel is shown where the page cannot answer it, until it is idle', async () => {
  const { document, server, notebook } = await attached(all => {
    recorded(all);
    all.server.kernelAnswer = { ...wire.kernel('ready'), asking: 'Build it? [y/N] ' };
  });
  assert.equal(notebook.state.asking, 'Build it? [y/N] ');
  await notebook.interrupt();
  assert.equal(document.interrupts, 1);
  server.kernelAnswer = wire.kernel('ready');
  notebook.idle();
  assert.equal(notebook.state.asking, '');
});

test('where it is shown under its cell the panel does not show it again', async () => {
  const { notebook } = await attached(all => {
    recorded(all);
    all.document.answering = true;
    all.server.kernelAnswer = { ...wire.kernel('ready'), asking: 'Build it? [y/N] ' };
  });
  assert.equal(notebook.state.asking, '');
});

test('a console in front is no notebook', async () => {
  const { environments } = await attached(recorded);
  environments.show(null, 'Console 1');
  assert.deepEqual([environments.current, environments.elsewhere], [null, 'Console 1']);
  environments.show('panel');
  assert.deepEqual([environments.current?.state.path, environments.elsewhere], ['work/a.ipynb', '']);
});

test('a kernel that went with its server is none, and what is installed then waits for the next', async () => {
  const { document, server, notebook } = await attached(all => {
    recorded(all);
    all.server.refusals.set('getKernel', refusal('kernel-unknown', 404));
    all.server.refusals.set('putKernel', refusal('kernel-unknown', 404));
    all.server.notebookAnswer = { ...wire.notebook(), status: wire.status('ready') };
  });
  assert.equal(notebook.state.kernel, 'none');
  assert.equal(headline(view(notebook.state)).sentence, 'Its environment is ready; no kernel is running.');
  assert.equal(await notebook.install('six'), true);
  assert.deepEqual([server.started[0].kernel, notebook.state.problem, document.told.length], [null, null, 1]);
});

test('what waits for a busy kernel is named, or is the change', () => {
  const said = (coming: string[]): string => headline(view({ ...BLANK, kernel: 'ours', coming })).sentence;
  assert.equal(said([]), 'The change waits until the kernel has finished what it is running.');
  assert.equal(said(['a 1', 'b 2']), 'a 1, b 2 wait until the kernel has finished what it is running.');
});
