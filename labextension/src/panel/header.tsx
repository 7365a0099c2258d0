import * as React from 'react';

import { visible } from '../foreign';
import { fetching, relocking } from '../model/offer';
import type { IActions, IState } from '../tokens';
import type { IStatus } from '../api/wire';
import { howFar, type IHeadline } from '../words';
import { Bar } from '../parts/bar';

export interface IHeadProps {
  readonly state: IState;
  readonly headline: IHeadline;
  readonly actions: IActions;
}

/** Which Python, the state in words, and the one button that fits it. */
export function Head({ state, headline, actions }: IHeadProps): React.ReactElement {
  const requires = state.status?.python.requires;
  const progress = state.job ? state.job.progress : state.told;
  return (
    <section className="jp-Envs-head" aria-label="State">
      <h2 className="jp-Envs-title" title={visible(state.path)}>
        {visible(state.path.split('/').pop() ?? '')}
      </h2>
      <p className={`jp-Envs-state jp-mod-${headline.mood}`}>
        <span className="jp-Envs-dot" aria-hidden="true" />
        <span>{headline.sentence}</span>
      </p>
      {headline.mood === 'busy' ? <Bar progress={progress} /> : null}
      {headline.mood === 'busy' && progress ? <p className="jp-Envs-quiet">{howFar(progress, state.left)}</p> : null}
      {state.python && state.kernel !== 'other' ? (
        <p className="jp-Envs-python">
          Python {state.python}
          {requires ? <span className="jp-Envs-quiet"> (asked for: {requires})</span> : null}
        </p>
      ) : null}
      <Button state={state} actions={actions} />
    </section>
  );
}

/** At most one: a second would ask the user to know which comes first. */
function Button({ state, actions }: Omit<IHeadProps, 'headline'>): React.ReactElement | null {
  if (state.kernel === 'foreign' || state.unsupported) {
    return null;
  }
  if (state.job) {
    return <Plain label="Cancel" act={() => actions.cancel()} />;
  }
  if (state.kernel === 'other') {
    return <Main label="Give this notebook its own environment" act={() => actions.adopt()} />;
  }
  if (state.told) {
    return null;
  }
  if (state.restart) {
    return <Main label="Restart kernel…" act={() => actions.restart()} />;
  }
  switch (state.status?.state) {
    case 'not-built':
      return state.status.error ? (
        <Relock status={state.status} actions={actions} />
      ) : (
        <Main label="Build…" act={() => actions.build()} />
      );
    case 'no-python':
      return <Relock status={state.status} actions={actions} />;
    case 'no-block':
      return state.standin ? <Main label="Build" act={() => actions.build()} /> : null;
    case 'changed':
      return <Main label="Lock" act={() => actions.lock()} />;
    default:
      return null;
  }
}

function Relock({
  status,
  actions
}: {
  readonly status: IStatus;
  readonly actions: IActions;
}): React.ReactElement | null {
  const button = fetching(status) ?? relocking(status);
  return button ? <Main label={button.label} act={() => button.act(actions)} /> : null;
}

interface IButtonProps {
  readonly label: string;
  readonly act: () => Promise<unknown>;
}

function Main({ label, act }: IButtonProps): React.ReactElement {
  return (
    <button type="button" className="jp-Envs-button jp-mod-styled jp-mod-accept" onClick={() => void act()}>
      {label}
    </button>
  );
}

function Plain({ label, act }: IButtonProps): React.ReactElement {
  return (
    <button type="button" className="jp-Envs-button jp-mod-styled jp-mod-reject" onClick={() => void act()}>
      {label}
    </button>
  );
}
