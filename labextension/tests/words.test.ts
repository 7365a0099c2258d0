import assert from 'node:assert/strict';
import { test } from 'node:test';

import { visible } from '../src/foreign';
import { nameOf } from '../src/model/jobs';
import { Pace } from '../src/model/pace';
import { BLANK } from '../src/model/state';
import type { IState } from '../src/tokens';
import { view } from '../src/view';
import { count, headline, howFar, inACell, missing, named, percent, size, summary, timeLeft } from '../src/words';
import { job, status, wire } from './wire';

const OURS: IState = { ...BLANK, kernel: 'ours', path: 'a.ipynb' };

const HEADLINES: [string, Partial<IState>, string, string][] = [
  ['ready', { status: status('ready') }, 'good', 'Ready.'],
  ['new notebook', { status: status('no-block') }, 'off', 'No packages of its own yet. Install one below.'],
  [
    'base not built',
    { status: status('no-block'), standin: true },
    'attention',
    'The base environment, in which notebooks run, is not built yet.'
  ],
  ['lock is old', { status: status('changed') }, 'attention', 'The lock is older than the list of packages.'],
  ['not built', { status: status('not-built') }, 'attention', 'Not built on this machine yet.'],
  [
    'unreadable',
    { status: status('invalid') },
    'bad',
    'This notebook’s environment cannot be read, so it was not changed.'
  ],
  ['no Python', { status: status('no-python') }, 'bad', 'This notebook needs Python >=3.14; here are 3.13.0, 3.12.4.'],
  ['a job runs', { status: status('ready'), job: job('running') }, 'busy', 'Installing six'],
  [
    'restart',
    { status: status('ready'), restart: 'restart to use numpy 2.5.5' },
    'attention',
    'Restart to use numpy 2.5.5.'
  ],
  [
    'the kernel has no time',
    { status: status('ready'), coming: ['six 1.17.0'] },
    'attention',
    'six 1.17.0 waits until the kernel has finished what it is running.'
  ],
  [
    'a question that this page cannot show',
    { asking: 'Build it? [y/N] ' },
    'attention',
    'The kernel asks “Build it? [y/N]”, and this page cannot answer. Interrupt the kernel, and run the cell again.'
  ],
  ['not Python', { kernel: 'foreign' }, 'off', 'This notebook is not in Python, so it has no environment here.'],
  [
    'another kernel',
    { kernel: 'other', kernelName: 'Python 3' },
    'off',
    'It runs in “Python 3”, which other notebooks share.'
  ],
  ['gateway', { unsupported: 'Kernels run elsewhere.' }, 'off', 'Kernels run elsewhere.'],
  ['first look', {}, 'off', 'Checking…']
];

for (const [name, part, mood, sentence] of HEADLINES) {
  test(`the state in words: ${name}`, () => {
    const said = headline(view({ ...OURS, ...part }));
    assert.deepEqual([said.mood, said.sentence], [mood, sentence]);
  });
}

test('the chip says how far a job is', () => {
  const running = { ...job('running'), action: 'build' as const };
  assert.equal(
    headline(
      view({ ...OURS, job: { ...running, progress: { phase: '', text: '', done: 42, total: 100, fetched: [0, 0] } } })
    ).short,
    'building 42 %'
  );
  assert.equal(headline(view({ ...OURS, job: { ...running, progress: null } })).short, 'building…');
});

test('a list that was never locked is said to be that', () => {
  const sentence = 'Not locked yet: exact versions have not been chosen.';
  const python = { ...status('changed').python, locked: null };
  const said = headline(view({ ...OURS, status: { ...status('changed'), python, sentence } }));
  assert.deepEqual([said.short, said.sentence], ['not locked', sentence]);
});

test('a package with a condition is not here only where a lock of this list has decided that', () => {
  const line = 'tomli ; python_version < "3.11"';
  assert.equal(missing(status('ready'), line), 'not here');
  assert.equal(missing(status('not-built'), line), 'not here');
  assert.equal(missing(status('changed'), line), 'not locked');
  assert.equal(missing({ ...status('changed'), state: 'not-built', packages: [] }, line), 'not locked');
  assert.equal(missing(null, line), 'not locked');
  assert.equal(missing(status('ready'), 'six'), 'not locked');
});

test('a change is told by what was asked for', () => {
  const changed = { numpy: [null, '2.5.5'], pandas: [null, '3.1.1'] } as const;
  assert.equal(summary(changed, ['pandas']), 'pandas 3.1.1 (+ 1 more)');
  assert.equal(summary({ six: ['1.16.0', '1.17.0'] }), 'six 1.16.0 → 1.17.0');
  assert.equal(summary({ six: ['1.17.0', null] }), 'six removed');
  assert.equal(summary({}), 'Nothing had to change.');
});

test('a name that somebody else gave hides nothing', () => {
  assert.equal(visible('a\u001b[2J\u202efdp.\u200bipynb\n'), 'a\\x1b[2J\\u202efdp.\\u200bipynb\\x0a');
  assert.equal(visible('größe 空.ipynb'), 'größe 空.ipynb');
});

test('sizes are read at a glance', () => {
  assert.deepEqual([0, 999, 11050, 17654321, 1.2e9].map(size), ['0 B', '999 B', '11 kB', '18 MB', '1.2 GB']);
  assert.equal(size(null), '');
});

test('how far it is, in packages, bytes and time', () => {
  const progress = {
    phase: 'download',
    text: 'Downloading torch',
    done: 3,
    total: 45,
    fetched: [120e6, 918e6] as const
  };
  assert.equal(howFar(progress, 100), '3 of 45 packages · 120 MB of 918 MB · 2 min left');
  assert.equal(percent(progress), 13);
  assert.equal(howFar({ ...progress, total: 0, fetched: [0, 0] }, null), '');
});

test('the time that is left is told once it is known how fast it goes', () => {
  const pace = new Pace();
  const at = (bytes: number, seconds: number): number | null =>
    pace.left({ phase: 'download', text: '', done: 0, total: 0, fetched: [bytes, 100] }, seconds * 1000);
  assert.equal(at(0, 0), null);
  assert.equal(at(10, 1), null);
  assert.equal(at(20, 10), 40);
  assert.equal(at(100, 20), null);
});

test('a kernel without what its notebook brings says what it lacks', () => {
  const said = headline(view({ ...OURS, status: status('not-built'), without: true }));
  assert.deepEqual(
    [said.short, said.sentence],
    ['without its packages', 'It runs in the base environment, without numpy, six and what they need.']
  );
});

interface IStep {
  readonly at: number;
  readonly phase: string;
  readonly fetched: readonly [number, number];
  readonly left: string;
}

interface IExamples {
  readonly sizes: readonly [number, string][];
  readonly 'times left': readonly [number, string][];
  readonly hints: readonly [string, string][];
  readonly counts: readonly [number, string, string][];
  readonly names: readonly [string[], number, string][];
  readonly paces: readonly IStep[][];
  readonly requirements: readonly [string, string][];
}

test('sizes, times and lists are said as a cell and a terminal say them', () => {
  const examples = wire('words') as IExamples;
  assert.deepEqual(
    examples.sizes.map(([bytes]) => [bytes, size(bytes)]),
    examples.sizes
  );
  assert.deepEqual(
    examples['times left'].map(([seconds]) => [seconds, timeLeft(seconds)]),
    examples['times left']
  );
  assert.deepEqual(
    examples.counts.map(([number, noun]) => [number, noun, count(number, noun)]),
    examples.counts
  );
  assert.deepEqual(
    examples.names.map(([names, limit]) => [names, limit, named(names, limit)]),
    examples.names
  );
});

test('a hint names the magic where there is one, but not what it says to type in a terminal', () => {
  const { hints: examples } = wire('words') as IExamples;
  assert.deepEqual(
    examples.map(([hint]) => [hint, inACell(hint)]),
    examples
  );
});

test('a requirement names the same package as in a kernel and on the server', () => {
  const { requirements: examples } = wire('words') as IExamples;
  assert.deepEqual(
    examples.map(([text]) => [text, nameOf(text)]),
    examples
  );
});

test('how long it will take is judged as a cell and a terminal judge it', () => {
  for (const steps of (wire('words') as IExamples).paces) {
    const pace = new Pace();
    for (const { at, phase, fetched, left } of steps) {
      const seconds = pace.left({ phase, text: '', done: 0, total: 0, fetched }, at * 1000);
      assert.equal(seconds === null ? '' : timeLeft(seconds), left);
    }
  }
});
