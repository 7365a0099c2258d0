/** When a job needs the user's word: which question, and what the next try may then do. */

import { problemOf, type IApi } from '../api/client';
import type { IContext } from './state';
import type { IBuildQuestion } from '../tokens';
import type { IJobArguments, IProblem, IProposal } from '../api/wire';

/** Codes of what is no failure yet: the page that started the job asks its user, as long as that takes. */
const QUESTIONS: readonly string[] = ['consent-needed', 'needs-build', 'needs-review'];

export function isQuestion(error: IProblem | null): boolean {
  return error !== null && QUESTIONS.includes(error.code);
}

/** What to add to the arguments; null: no question helps. */
export async function agreed(
  { api, questions }: Pick<IContext, 'api' | 'questions'>,
  error: IProblem | null,
  args: IJobArguments
): Promise<IJobArguments | 'declined' | null> {
  if (error?.code === 'consent-needed' && typeof error.data.digest === 'string') {
    const proposal = error.data as unknown as IProposal;
    if (proposal.digest === args.accept) {
      return null; // the same question twice would never end
    }
    const answer = await questions.build({ proposal, inquire: inquirer(api), look: false, without: false });
    return answer === 'build' ? { accept: proposal.digest } : 'declined';
  }
  if (error?.code === 'needs-build' && Array.isArray(error.data.packages)) {
    const names = error.data.packages.map(String);
    const allowed = args.allow_build ?? [];
    if (names.every(name => allowed.includes(name))) {
      return null;
    }
    return (await questions.runCode(error, names)) ? { allow_build: [...allowed, ...names] } : 'declined';
  }
  if (error?.code === 'needs-review' && error.data.packages) {
    const files = error.data.packages as unknown as Record<string, string[]>;
    const names = Object.keys(files);
    const allowed = args.allow_startup ?? [];
    if (names.every(name => allowed.includes(name))) {
      return null;
    }
    return (await questions.startCode(error, files)) ? { allow_startup: [...allowed, ...names] } : 'declined';
  }
  return null;
}

/** Asks the index of a package; what goes wrong is an answer too. */
export function inquirer(api: IApi): IBuildQuestion['inquire'] {
  return async ({ name, version, index }) => {
    try {
      return await api.opinion(name, version, index);
    } catch (reason) {
      const { sentence } = problemOf(reason);
      return { name, version, newest: null, yanked: null, uploaded: null, advisories: null, problem: sentence };
    }
  };
}
