import * as React from 'react';

import type { INotebookEnvironment } from '../tokens';
import { view } from '../view';
import { headline } from '../words';

export interface IChipProps {
  readonly environment: INotebookEnvironment | null | undefined;
  readonly open: () => void;
}

/** The state in a few words; opens the panel. */
export function Chip({ environment, open }: IChipProps): React.ReactElement | null {
  const now = environment ? view(environment.state) : null;
  if (!now || now.is === 'not-python') {
    return null;
  }
  const { mood, short, sentence } = headline(now);
  return (
    <button
      type="button"
      className={`jp-Envs-chip jp-mod-${mood}`}
      title={`Notebook environment: ${sentence}`}
      aria-label={`Notebook environment: ${short}`}
      onClick={open}
    >
      <span className="jp-Envs-dot" aria-hidden="true" />
      <span>{short}</span>
    </button>
  );
}
