import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fetching, nearestPython, offer } from '../src/model/offer';
import { BLANK } from '../src/model/state';
import type { IState } from '../src/tokens';
import { view } from '../src/view';
import { headline } from '../src/words';
import { job, status } from './wire';

const OURS: IState = { ...BLANK, kernel: 'ours', path: 'a.ipynb' };
const WITHHELD = 'Built here, but you have not approved that early runs code whenever Python or a kernel starts.';

test('what is built and waits for a yes is said to be that, in panel and banner', () => {
  const given = status('not-built');
  assert.ok(given.consent);
  const approved = { ...given, consent: { ...given.consent, new: [], approved: true } };
  const waiting = { ...OURS, standin: true, status: { ...approved, withheld: WITHHELD } };
  assert.equal(headline(view(waiting)).sentence, WITHHELD);
  assert.equal(offer(waiting)?.more, WITHHELD);
  assert.equal(offer({ ...waiting, status: approved })?.more, 'You have approved all of it before.');
});

test('the banner offers what may help', () => {
  const waiting = { ...OURS, standin: true };
  const labels = (part: Partial<IState>): string[] | undefined =>
    offer({ ...waiting, ...part })?.buttons.map(button => button.label);
  assert.deepEqual(labels({ status: status('not-built'), job: job('running') }), ['Cancel']);
  assert.deepEqual(labels({ status: status('changed') }), ['Lock for this machine', 'Run without it']);
  assert.deepEqual(labels({ status: status('not-built'), problem: job('failed').error }), [
    'Try again',
    'Run without it'
  ]);
  const gone = { ...status('no-python'), python: { ...status('no-python').python, locked: '3.14' } };
  const error = {
    code: 'no-python',
    sentence: 'No.',
    hint: '',
    details: '',
    data: { found: ['3.13.0', '3.8.1', '3.12.1'] }
  };
  assert.deepEqual(labels({ status: { ...gone, error } }), ['Lock for Python 3.13', 'Run without it']);
  const fetch = { version: '3.14.2', source: 'example.org', size: null };
  const fetchable = { ...gone, error: { ...error, data: { ...error.data, fetch } } };
  assert.deepEqual(labels({ status: fetchable }), [
    'Download Python 3.14.2 and build…',
    'Lock for Python 3.13',
    'Run without it'
  ]);
  const failed = { ...error, code: 'python-unreachable' };
  assert.deepEqual(labels({ status: fetchable, problem: failed }), [
    'Lock for Python 3.13',
    'Try again',
    'Run without it'
  ]);
  assert.equal(fetching({ ...status('not-built'), error: fetchable.error }), null);
  assert.equal(nearestPython({ ...gone, error: { ...error, data: {} } }), null);
  const policy = { ...error, code: 'policy-package' };
  assert.deepEqual(labels({ status: { ...status('not-built'), consent: null, error: policy } }), ['Run without it']);
  assert.equal(offer({ ...OURS, status: status('not-built'), without: true }), null);
});

test('the banner says no other sentence than panel and chip', () => {
  for (const name of ['no-block', 'ready', 'changed', 'invalid'] as const) {
    const state = { ...OURS, standin: true, status: status(name) };
    const { mood, sentence } = headline(view(state));
    assert.deepEqual([offer(state)?.mood, offer(state)?.sentence], [mood, sentence], name);
  }
  const asked = { ...OURS, standin: true, status: status('no-block'), asking: 'Build it? [y/N] ' };
  assert.deepEqual([offer(asked)?.sentence, offer(asked)?.more], [headline(view(asked)).sentence, '']);
});
