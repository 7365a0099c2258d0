/** When a job needs the user's word: which question, and what the next try may then do. */

import { versionOf } from './status';
import type { IProposal, IQuestions } from './tokens';
import type { IJobArguments, IProblem, IStatus } from './wire';

/** What to add to the arguments; null: no question helps. */
export async function agreed(
  questions: IQuestions,
  error: IProblem | null,
  args: IJobArguments
): Promise<IJobArguments | 'declined' | null> {
  if (error?.code === 'consent-needed' && typeof error.data.digest === 'string') {
    const digest = error.data.digest;
    if (digest === args.accept) {
      return null; // the same question twice would never end
    }
    return (await questions.build(error.data as unknown as IProposal)) ? { accept: digest } : 'declined';
  }
  if (error?.code === 'needs-build' && Array.isArray(error.data.packages)) {
    const names = error.data.packages.map(String);
    const allowed = args.allow_build ?? [];
    if (names.every(name => allowed.includes(name))) {
      return null;
    }
    return (await questions.runCode(error, names)) ? { allow_build: [...allowed, ...names] } : 'declined';
  }
  return null;
}

export function proposalOf(status: IStatus): IProposal {
  const fresh = status.consent?.new ?? [];
  return {
    python: versionOf(status, null),
    bytes: status.consent?.bytes ?? null,
    packages: status.packages.map(item => ({ ...item, new: fresh.includes(item.name) }))
  };
}
