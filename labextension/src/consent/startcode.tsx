import * as React from 'react';

import type { IProblem } from '../api/wire';

export interface IStartCodeProps {
  readonly problem: IProblem;
  /** Name of the package: its files that run. */
  readonly files: Readonly<Record<string, readonly string[]>>;
}

/** What was found in downloaded packages, before the environment is there for anybody. */
export function StartCode({ problem, files }: IStartCodeProps): React.ReactElement {
  return (
    <>
      <p>{problem.sentence}</p>
      <p>
        These files run each time Python or a kernel starts in this environment, even if no cell imports the package:
      </p>
      <ul className="jp-Envs-list">
        {Object.entries(files).map(([name, paths]) => (
          <li key={name}>
            <span className="jp-Envs-name jp-mod-declared">{name}</span>
            <code>{paths.join(', ')}</code>
          </li>
        ))}
      </ul>
      <p className="jp-Envs-quiet">A few packages need this; malware uses it too. None of this code has run yet.</p>
    </>
  );
}
