import * as React from 'react';

import { visible } from '../foreign';
import type { IActions } from '../tokens';
import type { IOffered } from '../api/wire';

export interface IOfferedProps {
  readonly offered: readonly IOffered[];
  readonly actions: IActions;
}

/** What a notebook without an environment says in the way of another tool, or a file beside it: the likeliest one. */
export function Offered({ offered, actions }: IOfferedProps): React.ReactElement | null {
  const first = offered[0];
  const others = offered.slice(1).map(({ sentence }) => visible(sentence));
  return first ? (
    <section className="jp-Envs-pending" aria-label="What this notebook could use">
      <p>{visible(first.sentence)}</p>
      {others.length ? <p className="jp-Envs-quiet">Also: {others.join(' · ')}</p> : null}
      <button type="button" className="jp-Envs-button jp-mod-styled" onClick={() => void actions.use(first.name)}>
        Use it
      </button>
    </section>
  ) : null;
}
