/** A status for the moments in which the server cannot have one. */

import { Refusal } from '../api/client';
import { dependencies, nameOf } from './jobs';
import type { Block, IEnvironment, IStatus } from '../api/wire';

const NOTHING: IStatus = {
  state: 'no-block',
  sentence: '',
  digest: null,
  python: { requires: null, locked: null, version: null, path: null },
  dependencies: [],
  packages: [],
  environment: null,
  consent: null,
  error: null,
  notes: []
};

/** Of a document whose block the server refused to read. Throws on what is another reason. */
export function unreadable(reason: unknown): IStatus {
  if (!(reason instanceof Refusal) || reason.status !== 422) {
    throw reason;
  }
  const error = reason.problem;
  return { ...NOTHING, state: 'invalid', sentence: error.sentence, error };
}

/** Of a document that has changed and is not saved, while no kernel of ours runs that the server could look at. */
export function unsaved(block: Block | null, environment: IEnvironment | null): IStatus {
  const versions = environment?.packages ?? {};
  const asked = dependencies(block).map(requirement => {
    const name = nameOf(requirement);
    return { requirement, name, version: versions[name] ?? null };
  });
  const declared = asked.map(item => item.name);
  return {
    ...NOTHING,
    state: environment ? 'ready' : 'not-built',
    python: { ...NOTHING.python, version: environment?.version ?? null },
    dependencies: asked,
    packages: Object.entries(versions).map(([name, version]) => {
      return { name, version, size: null, kind: 'wheel', declared: declared.includes(name) };
    }),
    environment
  };
}

/** Names of the packages that the notebook asks for and the kernel sees in another version, or not at all. */
export function notSeen(status: IStatus, sees: IEnvironment | null, next: IEnvironment): string[] {
  const names = status.dependencies.map(item => item.name);
  return names.filter(name => name in next.packages && sees?.packages[name] !== next.packages[name]);
}

/** Of Python; the full one where it is known. */
export function versionOf(status: IStatus, running: IEnvironment | null): string {
  return status.python.version ?? running?.version ?? status.python.locked ?? '';
}
