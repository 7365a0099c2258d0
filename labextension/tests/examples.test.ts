/** The example payloads are what their types say: to the compiler, and to the schema that the server's types give. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';

import Ajv2020 from 'ajv/dist/2020';
import * as ts from 'typescript';

import { FOLDER, wire } from './wire';

const PAGE = join(__dirname, '..', '..');
const PACKAGE = join(PAGE, '..', 'jupyter_envs');
const MESSAGES = join(PAGE, 'src', 'api', 'wire');
const OTHERS = ['comm-hello', 'event', 'types', 'words'];
const KINDS = wire('types') as Record<string, string>;
const NAMES = readdirSync(FOLDER)
  .map(file => basename(file, '.json'))
  .filter(name => !OTHERS.includes(name));

function kindOf(name: string): string {
  const starts = Object.keys(KINDS).filter(start => name.startsWith(start));
  return KINDS[starts.sort((one, other) => other.length - one.length)[0]];
}

/** What the compiler says of a file that holds each of `values` to be of its type. */
function complaints(values: readonly { readonly kind: string; readonly value: unknown }[]): string[] {
  const file = join(PAGE, 'src', 'examples.ts');
  const lines = values.map(({ kind, value }, i) => {
    const type = `I${kind}` in declared ? `wire.I${kind}` : `wire.${kind}`;
    return `export const value${i}: ${type} = ${JSON.stringify(value)};`;
  });
  const text = ["import type * as wire from './api/wire';", ...lines].join('\n');
  const options: ts.CompilerOptions = { strict: true, noEmit: true, skipLibCheck: true, types: [] };
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (name, ...more) =>
    name === file ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2018) : read(name, ...more);
  const program = ts.createProgram([file], options, host);
  return ts
    .getPreEmitDiagnostics(program, program.getSourceFile(file))
    .map(found => ts.flattenDiagnosticMessageText(found.messageText, '\n'));
}

const declared = Object.fromEntries(
  [...readFileSync(`${MESSAGES}.ts`, 'utf-8').matchAll(/^export (?:interface|type) (\w+)/gm)].map(([, name]) => [
    name,
    1
  ])
);

test('the compiler takes each example for what it is', () => {
  assert.ok(NAMES.length > 30);
  assert.deepEqual(complaints(NAMES.map(name => ({ kind: kindOf(name), value: wire(name) }))), []);
});

test('the compiler sees what is too much, too little or another word', () => {
  const value = wire('job-done') as object;
  for (const wrong of [
    { ...value, more: 1 },
    { ...value, action: 'base' },
    { ...value, notes: undefined }
  ]) {
    assert.equal(complaints([{ kind: 'Job', value: wrong }]).length, 1);
  }
});

test('the schema takes each example for what it is', () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  ajv.addSchema(JSON.parse(readFileSync(join(PACKAGE, 'wire', 'wire.schema.json'), 'utf-8')) as object, 'messages');
  for (const name of NAMES) {
    const fits = ajv.compile({ $ref: `messages#/$defs/${kindOf(name)}` });
    assert.ok(fits(wire(name)), `${name}: ${ajv.errorsText(fits.errors)}`);
  }
});
