/** The REST API as `rest-api.yml` describes it. Whatever a fake is asked, and whatever it answers, is held against it; a
 * Python test holds it against what the server reads and answers. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach } from 'node:test';

import Ajv2020 from 'ajv/dist/2020';
import { parse } from 'yaml';

interface IParameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required?: boolean;
}

interface IOperation {
  readonly operationId: string;
  readonly parameters?: readonly IParameter[];
  readonly requestBody?: object;
  readonly responses: Readonly<Record<string, object>>;
}

type PathItem = Readonly<Record<'get' | 'put' | 'post' | 'delete', IOperation | undefined>> & {
  readonly parameters?: readonly IParameter[];
};

interface IDescription {
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

export interface IAsked {
  readonly method: string;
  /** Below the address of the API, as it was sent: `/kernels/1f0e…?x=y`. */
  readonly place: string;
  readonly body: unknown;
}

export interface IDescribed {
  readonly operation: IOperation;
  /** What was sent in the path, decoded. */
  readonly named: Readonly<Record<string, string>>;
  /** Where the operation stands in the description. */
  readonly pointer: string;
}

// Compiled tests lie in lib-tests/tests/.
const FILE = join(__dirname, '..', '..', '..', 'jupyter_envs', 'server', 'rest-api.yml');
const description = parse(readFileSync(FILE, 'utf-8')) as IDescription;
const ajv = new Ajv2020({ strict: false, allErrors: true });
ajv.addSchema(description, 'api');

const complaints: string[] = [];

afterEach(() => {
  assert.deepEqual(complaints.splice(0), []);
});

/** What did not fit so far; it counts no more. */
export function forgiven(): string[] {
  return complaints.splice(0);
}

/** What `look` gives. Where it throws, the test fails at its end, even where whoever asked takes a refusal for an answer. */
export function noted<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (reason) {
    complaints.push(String(reason));
    return undefined;
  }
}

/** The values that `schema` allows at a place of it: `Action`, `enum`. */
export function listed(schema: string, place: string): string[] {
  let found: unknown = description.components.schemas[schema];
  for (const key of place.split('/')) {
    found = (found as Record<string, unknown>)[key];
  }
  return found as string[];
}

/** Which operation is asked for. Throws where the server would not take it. */
export function described({ method, place, body }: IAsked): IDescribed {
  const [path, query = ''] = place.split('?');
  const verb = method.toLowerCase() as 'get' | 'put' | 'post' | 'delete';
  for (const [template, item] of Object.entries(description.paths)) {
    const named = matched(template, path);
    const operation = item[verb];
    if (named && operation) {
      const pointer = `/paths/${template.replace(/\//g, '~1')}`;
      checkPath(item.parameters ?? [], named, `${pointer}/parameters`);
      checkQuery(operation.parameters ?? [], new URLSearchParams(query), `${pointer}/${verb}/parameters`);
      checkBody(operation, body, `${pointer}/${verb}`);
      return { operation, named, pointer: `${pointer}/${verb}` };
    }
  }
  throw new Error(`${method} ${place}: there is no such operation.`);
}

/** Throws where the server would not answer so. */
export function answered({ operation: { responses }, pointer }: IDescribed, status: number, body: unknown): void {
  const key = String(status) in responses ? String(status) : 'default';
  const given = responses[key] as { $ref?: string; content?: object };
  const place = given.$ref?.slice(1) ?? `${pointer}/responses/${key}`;
  if (given.$ref || given.content) {
    fits(`${place}/content/application~1json/schema`, body, `${String(status)} of ${pointer}`);
  } else {
    assert.equal(body, undefined, `${String(status)} of ${pointer} has no body.`);
  }
}

function matched(template: string, path: string): Record<string, string> | null {
  // Alone the path of a notebook has slashes.
  const pattern = template.replace(
    /\{(\w+)\}/g,
    (_, name: string) => `(?<${name}>${name === 'path' ? '.+' : '[^/]+'})`
  );
  const found = new RegExp(`^${pattern}$`).exec(path);
  return (
    found && Object.fromEntries(Object.entries(found.groups ?? {}).map(([n, value]) => [n, decodeURIComponent(value)]))
  );
}

function checkPath(parameters: readonly IParameter[], named: Record<string, string>, pointer: string): void {
  parameters.forEach((parameter, index) => {
    fits(`${pointer}/${index}/schema`, named[parameter.name], parameter.name);
  });
}

function checkQuery(parameters: readonly IParameter[], query: URLSearchParams, pointer: string): void {
  const known = parameters.map(parameter => parameter.name);
  assert.deepEqual(
    [...query.keys()].filter(name => !known.includes(name)),
    [],
    `${pointer} has no such parameter.`
  );
  parameters.forEach((parameter, index) => {
    const value = query.get(parameter.name);
    if (value !== null || parameter.required) {
      fits(`${pointer}/${index}/schema`, value, parameter.name);
    }
  });
}

function checkBody(operation: IOperation, body: unknown, pointer: string): void {
  if (operation.requestBody) {
    fits(`${pointer}/requestBody/content/application~1json/schema`, body, operation.operationId);
  } else {
    assert.equal(body, undefined, `${operation.operationId} takes no body.`);
  }
}

function fits(pointer: string, value: unknown, what: string): void {
  const check = ajv.getSchema(`api#${pointer}`) ?? ajv.compile({ $ref: `api#${pointer}` });
  if (!check(value)) {
    throw new Error(`${what}: ${ajv.errorsText(check.errors, { dataVar: 'it' })}: ${JSON.stringify(value)}`);
  }
}
