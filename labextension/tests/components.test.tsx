import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Signal } from '@lumino/signaling';
import * as React from 'react';
import { renderToStaticMarkup } from 'react-dom/server';

import { Banner } from '../src/banner/banner';
import { Chip } from '../src/panel/chip';
import { Closer } from '../src/consent/proposal';
import { Panel } from '../src/panel/panel';
import { BLANK } from '../src/model/state';
import type { INotebookEnvironment, IState } from '../src/tokens';
import type { IProposal } from '../src/api/wire';
import { job, notebook, status } from './wire';

const done = (): Promise<boolean> => Promise.resolve(true);
const nothing = (): Promise<void> => Promise.resolve();

function environment(part: Partial<IState>): INotebookEnvironment {
  return {
    state: { ...BLANK, kernel: 'ours', path: 'work/a.ipynb', ...part },
    changed: new Signal<INotebookEnvironment, void>({} as INotebookEnvironment),
    install: done,
    remove: done,
    use: done,
    upgrade: done,
    lock: done,
    build: nothing,
    look: nothing,
    accept: nothing,
    without: nothing,
    relock: nothing,
    cancel: nothing,
    restart: nothing,
    interrupt: nothing,
    adopt: nothing,
    take: done,
    record: nothing,
    decline: nothing,
    dismiss: () => undefined
  };
}

function shown(part: Partial<IState>): string {
  return renderToStaticMarkup(<Panel environment={environment(part)} />);
}

test('a ready notebook lists what it asks for, with versions and a way to remove each', () => {
  const html = shown({ status: status('ready'), python: '3.12.4' });
  assert.match(html, /Python 3\.12\.4/);
  assert.match(html, /aria-label="Remove numpy"/);
  assert.match(html, /2\.5\.5/);
  assert.match(html, /Everything installed/);
  assert.doesNotMatch(html, /Build…/);
});

test('what the kernel does not see yet is marked in the list', () => {
  const restart = 'restart to use numpy 2.5.5';
  const html = shown({ status: status('ready'), late: ['numpy'], restart });
  assert.equal(html.split('after a restart').length, 2);
  assert.match(shown({ status: status('ready'), late: ['numpy'], coming: ['numpy 2.5.5'] }), /in a moment/);
  assert.doesNotMatch(shown({ status: status('ready') }), /after a restart|in a moment/);
});

test('a document that does not keep it says so above the field', () => {
  const html = shown({ status: status('no-block'), unkept: 'a.py does not keep an environment.' });
  assert.ok(html.indexOf('a.py does not keep') < html.indexOf('<input'));
});

test('a notebook without an environment is offered a list, and one that has an environment is not', () => {
  const offered = notebook('notebook-offered').offered ?? [];
  const html = shown({ status: status('no-block'), offered });
  assert.match(html, /juv: 3 packages, locked.*Also: requirements\.txt: 1 package.*Use it/);
  assert.doesNotMatch(shown({ status: status('ready'), offered }), /Use it/);
  assert.doesNotMatch(shown({ status: status('no-block') }), /Use it/);
});

test('what is in front and is no notebook is named, and nothing can be installed', () => {
  const html = renderToStaticMarkup(<Panel environment={null} elsewhere="Console 1" />);
  assert.match(html, /“Console 1” is in front/);
  assert.doesNotMatch(html, /<input/);
});

const BUTTONS: [string, Partial<IState>, string][] = [
  ['not built', { status: status('not-built') }, 'Build…'],
  ['changed', { status: status('changed') }, 'Lock'],
  ['running', { status: status('ready'), job: job('running') }, 'Cancel'],
  ['restart', { status: status('ready'), restart: 'restart to use numpy 2.5.5' }, 'Restart kernel…'],
  ['a question', { status: status('ready'), asking: 'Build it? [y/N] ' }, 'Interrupt kernel'],
  ['coming', { status: status('ready'), coming: ['six 1.17.0'] }, 'Restart kernel…'],
  ['another kernel', { kernel: 'other' }, 'Give this notebook its own environment'],
  ['pending', { status: status('ready'), pending: notebook('notebook-pending').pending }, 'Record in the notebook']
];

for (const [name, part, label] of BUTTONS) {
  test(`the button that fits: ${name}`, () => {
    assert.ok(shown(part).includes(`>${label}</button>`));
  });
}

test('a change that may be for another notebook does not say that it is this one’s', () => {
  const { pending } = notebook('notebook-pending');
  assert.match(shown({ status: status('ready'), pending }), /This notebook’s environment was changed/);
  const html = shown({ status: status('ready'), pending: pending && { ...pending, unsure: true } });
  assert.match(html, /A change is waiting.* or for one that it was copied from or replaced/);
  assert.doesNotMatch(html, /This notebook’s environment was changed/);
});

test('a notebook that is not Python gets a sentence and no button', () => {
  const html = shown({ kernel: 'foreign' });
  assert.match(html, /not in Python/);
  assert.doesNotMatch(html, /<button|<input/);
});

test('each way out of a failure is a button, and the last one builds from source', () => {
  const html = shown({ status: status('ready'), problem: job('no-wheel').error });
  const labels = [
    ...html.matchAll(
      /<button type="button" class="jp-Envs-button jp-mod-styled">(Use Python|Take|Build)[^<]*<\/button>/g
    )
  ].map(found => found[1]);
  assert.deepEqual(labels, ['Use Python', 'Take', 'Build']);
  assert.doesNotMatch(html, /· take numpy/);
});

test('the raw text of a failure is folded', () => {
  const html = shown({ status: status('ready'), problem: job('failed').error });
  assert.match(html, /<strong>pandas 2\.2 needs numpy/);
  assert.match(html, /<details><summary>Details<\/summary><pre>Because/);
});

test('in the banner too', () => {
  const part = { status: status('not-built'), standin: true, problem: job('failed').error };
  const html = renderToStaticMarkup(<Banner environment={environment(part)} />);
  assert.match(html, /<details><summary>Details<\/summary><pre>Because/);
  assert.ok(html.indexOf('pandas 2.2 needs numpy') < html.indexOf('<details>'));
});

test('foreign strings stay text', () => {
  const evil = '<img src=x onerror=alert(1)>';
  const ready = status('ready');
  const html = shown({
    path: evil,
    status: {
      ...ready,
      notes: [evil],
      dependencies: [{ requirement: evil, name: evil, version: evil }],
      packages: [{ ...ready.packages[0], name: evil, version: evil }]
    },
    job: { ...job('running'), progress: { phase: evil, text: evil, done: 0, total: 0, fetched: [0, 0] } },
    problem: { code: evil, sentence: evil, hint: evil, details: evil, data: {} }
  });
  assert.doesNotMatch(html, /<img/);
});

test('progress and results are told to screen readers', () => {
  assert.match(shown({ status: status('ready'), job: job('running') }), /role="status"[^>]*>Installing six</);
  assert.match(shown({ status: status('ready'), done: 'six 1.17.0' }), /role="status"[^>]*>six 1\.17\.0</);
});

function closer(proposal: IProposal): string {
  const inquire = (): Promise<never> => new Promise(() => undefined);
  return renderToStaticMarkup(<Closer proposal={proposal} inquire={inquire} look={false} />);
}

test('a proposal tells Python, size, what is new, and what is unusual', () => {
  const html = closer(job('consent-needed').error?.data as unknown as IProposal);
  assert.match(html, /Python 3\.12, 3 packages, 18 MB to fetch\. You have not approved 2 of them before/);
  assert.match(html, /numpy 2\.5\.5 was published/);
  assert.ok(html.indexOf('numpy') < html.indexOf('ipykernel'));
});

test('a proposal says where a Python that is not here comes from', () => {
  const proposal = job('consent-needed').error?.data as unknown as IProposal;
  assert.doesNotMatch(closer(proposal), /is not installed here/);
  const fetch = { version: '3.12.9', source: 'example.org', size: 28_000_000 };
  assert.match(
    closer({ ...proposal, fetch }),
    /Python 3\.12\.9 is not installed here: it will be downloaded from example\.org, 28 MB\./
  );
  assert.match(closer({ ...proposal, fetch: { ...fetch, size: null } }), /will be downloaded from example\.org\./);
});

test('a package that is named like a popular one, or comes from another index, is pointed at', () => {
  const proposal = status('not-built').consent;
  assert.ok(proposal);
  const [first, ...rest] = proposal.packages;
  const html = closer({
    ...proposal,
    indexes: ['', 'corp'],
    packages: [
      {
        ...first,
        name: 'nunpy',
        marks: ['lookalike', 'source', 'address'],
        like: 'numpy',
        address: 'https://example.org/n.zip'
      },
      ...rest
    ],
    beyond: ["evil; python_version >= '3.14'"]
  });
  assert.match(html, /nunpy comes from https:\/\/example\.org\/n\.zip, not from an index\./);
  assert.match(html, /The notebook also asks for evil; python_version &gt;= &#x27;3\.14&#x27;\./);
  assert.match(html, /nunpy is one letter away from numpy/);
  assert.match(html, /its code runs while it is built/);
  assert.match(html, /2 indexes: the default one, corp/);
});

test('the banner tells what a notebook brings, and what can be done', () => {
  const part = { status: status('not-built'), standin: true };
  const html = renderToStaticMarkup(<Banner environment={environment(part)} />);
  assert.match(
    html,
    /This notebook brings an environment: Python 3\.12, 2 packages \(3 with what they need\), 18 MB to fetch\./
  );
  assert.match(html, /2 are new on this machine: numpy, six\./);
  assert.match(html, />Build…</);
  assert.match(html, />Look closer</);
  assert.match(html, />Run without it</);
  assert.equal(renderToStaticMarkup(<Banner environment={environment({ status: status('ready') })} />), '');
});

test('the chip says the state in a few words, and nothing where the notebook is not Python', () => {
  const html = renderToStaticMarkup(
    <Chip environment={environment({ status: status('not-built') })} open={() => undefined} />
  );
  assert.match(html, /aria-label="Notebook environment: not built"/);
  assert.equal(
    renderToStaticMarkup(<Chip environment={environment({ kernel: 'foreign' })} open={() => undefined} />),
    ''
  );
});
