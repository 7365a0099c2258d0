import * as React from 'react';

import { visible } from '../foreign';
import type { INotebookEnvironment } from '../tokens';
import { view } from '../view';
import { Asked } from './dependencies';
import { Head } from './header';
import { Installed } from './installed';
import { Offered } from './offered';
import { News } from '../parts/news';
import { Pending } from './pending';

export interface IPanelProps {
  readonly environment: INotebookEnvironment | null;
  /** What is in front, if it is no notebook. */
  readonly elsewhere?: string;
  /** Shows what the environments of this machine take. */
  readonly openStorage?: () => void;
}

/** The side panel: what the notebook in front runs in, and what can be done about it. */
export function Panel({ environment, elsewhere, openStorage }: IPanelProps): React.ReactElement {
  if (!environment) {
    return (
      <div className="jp-Envs">
        <p className="jp-Envs-quiet">
          {elsewhere
            ? `“${visible(elsewhere)}” is in front, and has no environment of its own. Click a notebook to see and change its environment.`
            : 'Open a notebook to see its environment.'}
        </p>
        <More openStorage={openStorage} />
      </div>
    );
  }
  return <Notebook environment={environment} openStorage={openStorage} key={environment.state.path} />;
}

interface INotebookProps {
  readonly environment: INotebookEnvironment;
  readonly openStorage: (() => void) | undefined;
}

function Notebook({ environment, openStorage }: INotebookProps): React.ReactElement {
  const [typed, setTyped] = React.useState('');
  const { state } = environment;
  const now = view(state);
  const lists = !state.unsupported && (state.kernel === 'ours' || state.kernel === 'none');
  const offers = now.is === 'settled' && now.status.state === 'no-block' && !state.pending;
  return (
    <div className="jp-Envs">
      <Head state={state} now={now} actions={environment} />
      {state.pending && !state.job ? <Pending pending={state.pending} actions={environment} /> : null}
      <News
        state={state}
        now={now}
        actions={environment}
        taken={() => {
          setTyped('');
        }}
      />
      {lists && offers ? <Offered offered={state.offered} actions={environment} /> : null}
      {lists ? <Asked state={state} actions={environment} typed={typed} setTyped={setTyped} /> : null}
      {lists ? <Installed packages={state.status?.packages ?? []} /> : null}
      <More openStorage={openStorage} />
    </div>
  );
}

function More({ openStorage }: Pick<IPanelProps, 'openStorage'>): React.ReactElement | null {
  return openStorage ? (
    <p>
      <button type="button" className="jp-Envs-link" onClick={openStorage}>
        Environments on this machine…
      </button>
    </p>
  ) : null;
}
