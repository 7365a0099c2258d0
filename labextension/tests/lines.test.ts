import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { IJobResult } from '../src/api/wire';
import { outcome } from '../src/model/endings';
import { namesOf } from '../src/model/jobs';
import { packagesOf } from '../src/words';
import { job, status } from './wire';

test('a package with a line for each system is one package', () => {
  const line = { name: 'twover', version: null };
  const dependencies = [
    { ...line, requirement: 'twover==1 ; os_name == "nt"' },
    { ...line, requirement: 'twover==2 ; os_name != "nt"' }
  ];
  assert.deepEqual(packagesOf({ ...status('ready'), dependencies }), ['twover']);
});

test('what was typed names packages however it is written', () => {
  const names = (typed: string): string[] => namesOf({ typed });
  assert.deepEqual(names('"Demo_dep[more] >=2", six'), ['demo-dep', 'six']);
  assert.deepEqual(names('-U six>=1 git+https://example.org/x'), ['six', 'git']);
  assert.deepEqual(namesOf({ packages: ['six>=1.0'] }), ['six']);
});

test('a result names what was asked for first, whatever limit was typed', () => {
  const done = job('done');
  assert.ok(done.result);
  const changed = { aaa: [null, '1.0'], six: [null, '1.17.0'] } as const;
  const said = (typed: string, satisfied = false): string =>
    outcome(done, { ...done.result, changed, satisfied } as IJobResult, namesOf({ typed }));
  assert.equal(said('pip install -q "six>=1.0"'), 'six 1.17.0 (+ 1 more)');
  assert.equal(said('pip install six', true), 'six: already installed.');
});
