import * as React from 'react';

import { visible } from '../foreign';
import { fetching, relocking } from '../model/offer';
import type { IActions, IState } from '../tokens';
import type { IStatus } from '../api/wire';
import type { ISettled, View } from '../view';
import { headline, howFar } from '../words';
import { Bar } from '../parts/bar';

export interface IHeadProps {
  readonly state: IState;
  readonly now: View;
  readonly actions: IActions;
}

/** Which Python, the state in words, and the one button that fits it. */
export function Head({ state, now, actions }: IHeadProps): React.ReactElement {
  const requires = state.status?.python.requires;
  const { mood, sentence } = headline(now);
  return (
    <section className="jp-Envs-head" aria-label="State">
      <h2 className="jp-Envs-title" title={visible(state.path)}>
        {visible(state.path.split('/').pop() ?? '')}
      </h2>
      <p className={`jp-Envs-state jp-mod-${mood}`}>
        <span className="jp-Envs-dot" aria-hidden="true" />
        <span>{sentence}</span>
      </p>
      {now.is === 'working' ? <Bar progress={now.progress} /> : null}
      {now.is === 'working' && now.progress ? <p className="jp-Envs-quiet">{howFar(now.progress, now.left)}</p> : null}
      {state.python && state.kernel !== 'other' ? (
        <p className="jp-Envs-python">
          Python {state.python}
          {requires ? <span className="jp-Envs-quiet"> (asked for: {requires})</span> : null}
        </p>
      ) : null}
      <Button now={now} actions={actions} />
    </section>
  );
}

/** At most one: a second would ask the user to know which comes first. */
function Button({ now, actions }: Omit<IHeadProps, 'state'>): React.ReactElement | null {
  switch (now.is) {
    case 'working':
      return now.job ? <Plain label="Cancel" act={() => actions.cancel()} /> : null;
    case 'shared-kernel':
      return now.adoptable ? <Main label="Give this notebook its own environment" act={() => actions.adopt()} /> : null;
    case 'asking':
      return <Main label="Interrupt kernel" act={() => actions.interrupt()} />;
    case 'restart-needed':
      return <Main label="Restart kernel…" act={() => actions.restart()} />;
    case 'arriving':
      return <Plain label="Restart kernel…" act={() => actions.restart()} />;
    case 'settled':
      return <Settled now={now} actions={actions} />;
    default:
      return null;
  }
}

function Settled({
  now: { status, standin },
  actions
}: {
  readonly now: ISettled;
  readonly actions: IActions;
}): React.ReactElement | null {
  switch (status.state) {
    case 'not-built':
      return status.error ? (
        <Relock status={status} actions={actions} />
      ) : (
        <Main label="Build…" act={() => actions.build()} />
      );
    case 'no-python':
      return <Relock status={status} actions={actions} />;
    case 'no-block':
      return standin ? <Main label="Build" act={() => actions.build()} /> : null;
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
