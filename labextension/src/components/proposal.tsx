import * as React from 'react';

import type { IProposal } from '../tokens';
import { count, size } from '../words';

export interface IProposalProps {
  readonly proposal: IProposal;
}

/** What would be built: enough to decide whether to trust it. */
export function Proposal({ proposal }: IProposalProps): React.ReactElement {
  const { python, bytes, packages } = proposal;
  const fresh = packages.filter(item => item.new);
  const rest = packages.filter(item => !item.new);
  return (
    <div className="jp-Envs-proposal">
      <p>
        This notebook brings an environment: Python {python}, {count(packages.length, 'package')}
        {bytes ? `, ${size(bytes)} to fetch` : ''}.{' '}
        {fresh.length ? `${fresh.length} of them you have not approved before.` : 'You approved all of them before.'}
      </p>
      <p>Its packages run as you, with access to your files. Build it if you trust where the notebook comes from.</p>
      <List title="New" items={fresh} open />
      <List title="Approved before" items={rest} open={false} />
    </div>
  );
}

interface IListProps {
  readonly title: string;
  readonly items: IProposal['packages'];
  readonly open: boolean;
}

function List({ title, items, open }: IListProps): React.ReactElement | null {
  if (!items.length) {
    return null;
  }
  const sized = items.some(item => item.size !== null);
  return (
    <details open={open}>
      <summary>
        {title} <span className="jp-Envs-quiet">{items.length}</span>
      </summary>
      <ul className="jp-Envs-list">
        {items.map(item => (
          <li key={item.name}>
            <span className="jp-Envs-name">{item.name}</span>
            <span className="jp-Envs-version">{item.version}</span>
            {sized ? <span className="jp-Envs-size">{size(item.size)}</span> : null}
          </li>
        ))}
      </ul>
    </details>
  );
}
