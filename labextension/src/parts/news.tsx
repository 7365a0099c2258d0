import * as React from 'react';

import type { IActions, IState } from '../tokens';
import type { IProblem, IWay } from '../api/wire';
import { Ways, waysOf } from './ways';
import type { View } from '../view';
import { headline, inACell } from '../words';

export interface INewsProps {
  readonly state: IState;
  readonly now: View;
  readonly actions: IActions;
  /** A way out of the problem has worked. */
  readonly taken: () => void;
}

/** What just happened. The live region is always there, as screen readers only tell of changes inside one. */
export function News({ state, now, actions, taken }: INewsProps): React.ReactElement {
  const { sentence } = headline(now);
  const problem = state.problem ?? state.status?.error ?? null;
  return (
    <>
      <p className="jp-Envs-spoken" role="status" aria-live="polite">
        {now.is === 'working' ? sentence : state.done || sentence}
      </p>
      {state.done && !problem ? (
        <p className="jp-Envs-done" aria-hidden="true">
          {state.done}
        </p>
      ) : null}
      {[...(state.status?.notes ?? []), ...state.notes].map(note => (
        <p className="jp-Envs-note" key={note}>
          {note}
        </p>
      ))}
      <div role="alert">
        {problem ? (
          <Problem
            problem={problem}
            dismiss={
              state.problem
                ? () => {
                    actions.dismiss();
                  }
                : null
            }
            take={
              state.problem
                ? way => {
                    void actions.take(way).then(done => {
                      if (done) {
                        taken();
                      }
                    });
                  }
                : null
            }
          />
        ) : null}
      </div>
    </>
  );
}

export interface IProblemProps {
  readonly problem: IProblem;
  readonly dismiss: (() => void) | null;
  /** Null: its ways out are only told. */
  readonly take?: ((way: IWay) => void) | null;
  /** Beside it stands a button for what the hint says. */
  readonly button?: boolean;
}

export function Problem({ problem, dismiss, take = null, button = false }: IProblemProps): React.ReactElement {
  const ways = take ? waysOf(problem) : [];
  return (
    <div className="jp-Envs-problem">
      <p>
        <strong>{problem.sentence}</strong>
      </p>
      {problem.hint && !ways.length && !button ? <p>{inACell(problem.hint)}</p> : null}
      {take && ways.length ? <Ways ways={ways} take={take} /> : null}
      {problem.details ? (
        <details>
          <summary>Details</summary>
          <pre>{problem.details}</pre>
        </details>
      ) : null}
      {dismiss ? (
        <button type="button" className="jp-Envs-icon" aria-label="Dismiss" title="Dismiss" onClick={dismiss}>
          ×
        </button>
      ) : null}
    </div>
  );
}
