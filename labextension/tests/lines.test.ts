import assert from 'node:assert/strict';
import { test } from 'node:test';

import { packagesOf } from '../src/words';
import { status } from './wire';

test('a package with a line for each system is one package', () => {
  const line = { name: 'twover', version: null };
  const dependencies = [
    { ...line, requirement: 'twover==1 ; os_name == "nt"' },
    { ...line, requirement: 'twover==2 ; os_name != "nt"' }
  ];
  assert.deepEqual(packagesOf({ ...status('ready'), dependencies }), ['twover']);
});
