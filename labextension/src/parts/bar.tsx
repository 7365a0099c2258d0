import * as React from 'react';

import type { IProgress } from '../api/wire';
import { percent } from '../words';

/** How far it is; moving without an end where that is not known. */
export function Bar({ progress }: { readonly progress: IProgress | null }): React.ReactElement {
  const share = progress ? percent(progress) : null;
  return share === null ? (
    <progress className="jp-Envs-bar" aria-label="Progress" />
  ) : (
    <progress className="jp-Envs-bar" aria-label="Progress" max={100} value={share} />
  );
}
