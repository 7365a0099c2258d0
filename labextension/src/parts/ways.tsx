import * as React from 'react';

import type { IProblem, IWay } from '../api/wire';

/** The ways out that the server found. */
export function waysOf(problem: IProblem): readonly IWay[] {
  return Array.isArray(problem.data.ways) ? (problem.data.ways as unknown as IWay[]) : [];
}

export interface IWaysProps {
  readonly ways: readonly IWay[];
  readonly take: (way: IWay) => void;
}

/** A button for each; what builds from source is the last one. */
export function Ways({ ways, take }: IWaysProps): React.ReactElement {
  return (
    <div className="jp-Envs-buttons">
      {ways.map(way => (
        <button
          type="button"
          className="jp-Envs-button jp-mod-styled"
          key={way.words}
          onClick={() => {
            take(way);
          }}
        >
          {way.words}
        </button>
      ))}
    </div>
  );
}
