import * as React from 'react';

import type { IPackage } from '../api/wire';
import { size } from '../words';

export interface IInstalledProps {
  readonly packages: readonly IPackage[];
}

/** The whole lock, folded. */
export function Installed({ packages }: IInstalledProps): React.ReactElement | null {
  if (!packages.length) {
    return null;
  }
  const sized = packages.some(item => item.size !== null);
  return (
    <details className="jp-Envs-installed">
      <summary>
        <h3>Everything installed</h3> <span className="jp-Envs-quiet">{packages.length}</span>
      </summary>
      <ul className="jp-Envs-list">
        {packages.map(item => (
          <li key={`${item.name} ${item.version}`}>
            <span className={item.declared ? 'jp-Envs-name jp-mod-declared' : 'jp-Envs-name'} title={item.name}>
              {item.name}
            </span>
            <span className="jp-Envs-version">{item.version}</span>
            {sized ? <span className="jp-Envs-size">{size(item.size)}</span> : null}
          </li>
        ))}
      </ul>
    </details>
  );
}
