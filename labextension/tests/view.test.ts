import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BLANK } from '../src/model/state';
import type { IState } from '../src/tokens';
import { view } from '../src/view';
import { job, status } from './wire';

const OURS: IState = { ...BLANK, kernel: 'ours', path: 'a.ipynb' };

const VIEWS: [string, Partial<IState>, string][] = [
  ['another language before all', { kernel: 'foreign', job: job('running'), unsupported: 'No.' }, 'not-python'],
  ['a job of a notebook whose kernel others share', { kernel: 'other', job: job('running') }, 'working'],
  ['a job without a kernel', { kernel: 'none', job: job('running') }, 'working'],
  ['no job where nothing can be done', { job: job('running'), unsupported: 'No.' }, 'unsupported'],
  ['a change in a cell before the restart for the last', { told: job('running').progress, restart: 'r' }, 'working'],
  ['a restart before what it changes', { restart: 'r', status: status('changed') }, 'restart-needed'],
  [
    'what the kernel has no time for yet, before what is there',
    { coming: ['six 1'], status: status('ready') },
    'arriving'
  ],
  ['a restart before that', { restart: 'r', coming: ['six 1'] }, 'restart-needed'],
  ['a question before all that goes on', { asking: 'Build it?', job: job('running') }, 'asking'],
  ['nothing known, and why', { problem: job('failed').error }, 'unknown'],
  ['no kernel', { kernel: 'none', problem: job('failed').error }, 'no-kernel'],
  ['a file without a kernel', { kernel: 'none', status: status('ready') }, 'settled']
];

for (const [name, part, is] of VIEWS) {
  test(`what matters most: ${name}`, () => {
    assert.equal(view({ ...OURS, ...part }).is, is);
  });
}
