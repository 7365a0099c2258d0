import * as React from 'react';

import { visible } from '../foreign';
import type { IStored } from './api';
import { told, type IStorageActions, type IStorageState } from './model';
import { age, count, named, size } from '../words';
import { Problem } from '../parts/news';

export interface IStorageProps {
  readonly state: IStorageState;
  readonly actions: IStorageActions;
  /** Milliseconds. */
  readonly now?: number;
}

const NAMED = 3;

/** The environments on this machine: the size of each, what used it, and what can be deleted. */
export function StorageView({ state, actions, now }: IStorageProps): React.ReactElement {
  const { environments } = state;
  return (
    <div className="jp-Envs-storage" aria-busy={state.busy !== ''}>
      <p role="status" aria-live="polite" className="jp-Envs-quiet">
        {state.busy || state.done || (environments ? total(environments) : '')}
      </p>
      <div role="alert">
        {state.problem ? (
          <Problem
            problem={state.problem}
            dismiss={() => {
              actions.dismiss();
            }}
          />
        ) : null}
      </div>
      <CleanUp state={state} actions={actions} />
      <ul className="jp-Envs-stored">
        {(environments ?? []).map(item => (
          <Stored key={item.id} item={item} state={state} actions={actions} now={now} />
        ))}
      </ul>
    </div>
  );
}

/** What can be deleted, and the user's consent to it. */
function CleanUp({ state, actions }: Omit<IStorageProps, 'now'>): React.ReactElement {
  const { environments, offer } = state;
  if (!offer) {
    return (
      <button
        type="button"
        className="jp-mod-styled"
        disabled={state.busy !== '' || environments === null}
        onClick={() => void actions.look()}
      >
        Clean up…
      </button>
    );
  }
  return (
    <section className="jp-Envs-pending" aria-label="What would be deleted">
      <p>
        {offer.days === null ? 'These are no longer needed' : `Nothing has used these for ${count(offer.days, 'day')}`}
        {': '}
        {told(offer)}.
      </p>
      <button type="button" className="jp-mod-styled jp-mod-accept" onClick={() => void actions.clean()}>
        Clean
      </button>{' '}
      <button
        type="button"
        className="jp-mod-styled"
        onClick={() => {
          actions.dismiss();
        }}
      >
        Not now
      </button>
    </section>
  );
}

interface IStoredProps extends IStorageProps {
  readonly item: IStored;
}

function Stored({ item, state, actions, now }: IStoredProps): React.ReactElement {
  const ago = (since: string): string => {
    const told = age(since, now);
    return told === 'hours' ? 'today' : `${told} ago`;
  };
  return (
    <li className={state.offer?.environments.includes(item.id) ? 'jp-mod-going' : undefined}>
      <p>
        <strong>Python {item.version}</strong>, {count(item.packages, 'package')}
        {marks(item).map(mark => (
          <span className="jp-Envs-mark" key={mark}>
            {mark}
          </span>
        ))}
      </p>
      <p className="jp-Envs-quiet">
        {size(item.own)} of its own, {size(item.shared)} shared · built {ago(item.created)} · last used {ago(item.used)}
      </p>
      {item.notebooks.length ? (
        <p title={item.notebooks.map(visible).join('\n')}>{named(item.notebooks.map(visible), NAMED)}</p>
      ) : null}
      <Delete item={item} state={state} actions={actions} />
    </li>
  );
}

function Delete({ item, state, actions }: Omit<IStoredProps, 'now'>): React.ReactElement {
  const label = `Delete the environment with Python ${item.version}, ${visible(item.notebooks[0] ?? item.id.slice(0, 8))}`;
  if (state.doubted === item.id) {
    return (
      <p>
        {item.state === 'ready' || item.state === 'outdated' ? 'It will be built again when a notebook needs it. ' : ''}
        <button type="button" className="jp-mod-styled jp-mod-warn" onClick={() => void actions.remove(item.id)}>
          Delete
        </button>{' '}
        <button
          type="button"
          className="jp-mod-styled"
          onClick={() => {
            actions.doubt(null);
          }}
        >
          Keep
        </button>
      </p>
    );
  }
  const stays = item.running || !item.mine;
  return (
    <button
      type="button"
      className="jp-Envs-link"
      aria-label={label}
      title={
        item.running
          ? 'A kernel is running in it.'
          : item.mine
            ? undefined
            : 'It is in a store that somebody else manages.'
      }
      disabled={stays || state.busy !== ''}
      onClick={() => {
        actions.doubt(item.id);
      }}
    >
      Delete…
    </button>
  );
}

const WORDS: Record<IStored['state'], string> = {
  ready: '',
  outdated: 'made by an older version',
  'stale-python': 'its Python was changed',
  damaged: 'damaged'
};

function marks(item: IStored): string[] {
  return [item.running ? 'running' : '', WORDS[item.state], item.mine ? '' : 'shared store'].filter(Boolean);
}

function total(environments: readonly IStored[]): string {
  const own = environments.reduce((sum, item) => sum + item.own, 0);
  return environments.length
    ? `${count(environments.length, 'environment')}, ${size(own)} of their own.`
    : 'No environments yet.';
}
