import * as React from 'react';

import { again } from '../model/jobs';
import type { IActions } from '../tokens';
import type { IPending } from '../api/wire';

export interface IPendingProps {
  readonly pending: IPending;
  readonly actions: IActions;
}

const UNSURE = 'A change is waiting that was made for this notebook, or for one that it was copied from or replaced';

/** A change that was made where no page could write it into the notebook. */
export function Pending({ pending, actions }: IPendingProps): React.ReactElement {
  const { install, remove } = again(pending.before, pending.block);
  return (
    <section className="jp-Envs-pending" aria-label="Not recorded yet">
      <p>
        {pending.unsure ? UNSURE : 'This notebook’s environment was changed while the notebook was not open'}
        {install.length + remove.length ? ':' : '. The notebook does not record this yet.'}
      </p>
      <ul>
        {install.map(name => (
          <li key={name}>+ {name}</li>
        ))}
        {remove.map(name => (
          <li key={name}>− {name}</li>
        ))}
      </ul>
      <button
        type="button"
        className="jp-Envs-button jp-mod-styled jp-mod-accept"
        onClick={() => void actions.record()}
      >
        Record in the notebook
      </button>
      <button type="button" className="jp-Envs-button jp-mod-styled" onClick={() => void actions.decline()}>
        Discard
      </button>
    </section>
  );
}
