import * as React from 'react';

import { visible } from '../foreign';
import type { IActions, IState } from '../tokens';
import type { IDependency } from '../api/wire';
import { missing } from '../words';

export interface IAskedProps {
  readonly state: IState;
  readonly actions: IActions;
  /** What stands in the field. */
  readonly typed: string;
  readonly setTyped: React.Dispatch<React.SetStateAction<string>>;
}

/** What the notebook asks for, and how it asks for more. */
export function Asked({ state, actions, typed, setTyped }: IAskedProps): React.ReactElement {
  const dependencies = state.status?.dependencies ?? [];
  const fixed = state.job !== null || state.status?.state === 'invalid';
  return (
    <section className="jp-Envs-asked" aria-label="Packages">
      <header>
        <h3>Packages</h3>
        {dependencies.length ? (
          <button
            type="button"
            className="jp-Envs-link"
            disabled={fixed}
            title="Upgrade every package to the newest version that fits"
            onClick={() => void actions.upgrade()}
          >
            Upgrade all
          </button>
        ) : null}
      </header>
      {state.unkept ? (
        <p className="jp-Envs-note" role="note">
          {visible(state.unkept)}
        </p>
      ) : null}
      <Install state={state} actions={actions} typed={typed} setTyped={setTyped} />
      {dependencies.length ? (
        <ul className="jp-Envs-list">
          {dependencies.map(item => (
            <Row
              key={item.requirement}
              item={item}
              absent={missing(state.status, item.requirement)}
              late={state.late.includes(item.name) ? (state.restart ? 'after a restart' : 'in a moment') : ''}
              fixed={fixed}
              actions={actions}
            />
          ))}
        </ul>
      ) : (
        <p className="jp-Envs-quiet">None yet. Packages that you install here belong to this notebook only.</p>
      )}
    </section>
  );
}

/** What is asked for while a change is under way comes after it. */
function Install({ state, actions, typed, setTyped }: IAskedProps): React.ReactElement {
  const [asked, setAsked] = React.useState({ text: '', behind: '' });
  const job = state.job?.id ?? '';
  const open = state.status?.state !== 'invalid' && typed.trim() !== '' && typed !== asked.text;
  const submit = (event: React.FormEvent): void => {
    event.preventDefault();
    if (open) {
      setAsked({ text: typed, behind: job });
      // What did not work stays, to be corrected.
      void actions.install(typed).then(done => {
        setAsked(now => (now.text === typed ? { text: '', behind: '' } : now));
        if (done) {
          setTyped(now => (now === typed ? '' : now));
        }
      });
    }
  };
  return (
    <>
      <form className="jp-Envs-install" onSubmit={submit}>
        <input
          className="jp-mod-styled"
          type="text"
          aria-label="Packages to install"
          placeholder="pandas>=2 numpy"
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          value={typed}
          onChange={event => {
            setTyped(event.target.value);
          }}
        />
        <button type="submit" className="jp-mod-styled jp-mod-accept" disabled={!open}>
          Install
        </button>
      </form>
      {asked.behind && asked.behind === job ? (
        <p className="jp-Envs-quiet" role="status">
          {visible(asked.text)} comes after this change.
        </p>
      ) : null}
    </>
  );
}

interface IRowProps {
  readonly fixed: boolean;
  readonly actions: IActions;
  readonly item: IDependency;
  /** Why it has no version, if it has none. */
  readonly absent: string;
  /** When the kernel will see this version; empty where it does. */
  readonly late: string;
}

function Row({ item, absent, late, fixed, actions }: IRowProps): React.ReactElement {
  const limit = item.requirement.slice(item.requirement.startsWith(item.name) ? item.name.length : 0).trim();
  return (
    <li>
      <span className="jp-Envs-name" title={item.requirement}>
        {item.name}
        {limit ? <span className="jp-Envs-quiet"> {limit}</span> : null}
      </span>
      <span className="jp-Envs-version">
        {item.version ?? absent}
        {late ? <span className="jp-Envs-quiet"> {late}</span> : null}
      </span>
      <button
        type="button"
        className="jp-Envs-icon"
        aria-label={`Remove ${item.name}`}
        title={`Remove ${item.name}`}
        disabled={fixed}
        onClick={() => void actions.remove(item.name)}
      >
        ×
      </button>
    </li>
  );
}
