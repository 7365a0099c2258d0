import assert from 'node:assert/strict';
import { test } from 'node:test';

import { requirements } from '../src/model/typed';

const TYPED: [string, string[]][] = [
  ['pandas>=2 numpy', ['pandas>=2', 'numpy']],
  ['  pandas ', ['pandas']],
  ['pandas >= 2, <3 numpy', ['pandas>=2,<3', 'numpy']],
  ['pandas>=2,<3', ['pandas>=2,<3']],
  ['pandas, numpy,six', ['pandas', 'numpy', 'six']],
  ['"pandas >=2" \'six\'', ['pandas >=2', 'six']],
  ['pip install six', ['six']],
  ['!pip3 install six rich', ['six', 'rich']],
  ['%env-install six', ['six']],
  ['%uv pip install six', ['six']],
  ['httpx[http2,brotli] rich', ['httpx[http2,brotli]', 'rich']],
  ['six @ https://example.org/six.whl', ['six @ https://example.org/six.whl']],
  ["tomli; python_version < '3.11'", ["tomli; python_version < '3.11'"]],
  ['', []]
];

for (const [typed, wanted] of TYPED) {
  test(`typed: ${typed}`, () => {
    assert.deepEqual(requirements(typed), wanted);
  });
}
