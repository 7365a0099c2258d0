/** The components as widgets that follow the model. */

import { ReactWidget } from '@jupyterlab/apputils';
import { LabIcon } from '@jupyterlab/ui-components';
import type { ISignal } from '@lumino/signaling';
import * as React from 'react';

import boxSvg from '../style/icons/environment.svg';
import { Banner } from './banner/banner';
import { Chip } from './panel/chip';
import { Panel } from './panel/panel';
import type { INotebookEnvironment, INotebookEnvironments } from './tokens';

export const PANEL_ID = 'jupyter-envs-panel';

export const environmentIcon = new LabIcon({ name: 'jupyter-envs:environment', svgstr: boxSvg });

type Environment = INotebookEnvironment | null | undefined;

interface IFollowingProps {
  readonly environments: INotebookEnvironments;
  /** Which one is shown. */
  readonly find: () => Environment;
  readonly children: (environment: Environment) => React.ReactNode;
}

/** Shows one notebook's environment: again when another is to be shown, or when this one has changed; not for others. */
function Following({ environments, find, children }: IFollowingProps): React.ReactNode {
  const environment = useLatest(environments.changed, find);
  useLatest(environments.changed, () => environments.elsewhere);
  useLatest(environment?.changed, () => environment?.state);
  return children(environment);
}

function useLatest<T>(signal: ISignal<unknown, void> | undefined, look: () => T): T {
  const follow = React.useCallback(
    (again: () => void) => {
      signal?.connect(again);
      return () => {
        signal?.disconnect(again);
      };
    },
    [signal]
  );
  return React.useSyncExternalStore(follow, look, look);
}

/** For the right side bar. */
export class EnvironmentPanel extends ReactWidget {
  constructor(
    private readonly _environments: INotebookEnvironments,
    private readonly _openStorage: () => void
  ) {
    super();
    this.id = PANEL_ID;
    this.addClass('jp-Envs-panel');
    this.node.dataset.jupyterEnvs = '';
    this.title.icon = environmentIcon;
    this.title.caption = 'Notebook environment';
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', 'Notebook environment');
  }

  protected override render(): React.ReactElement {
    return (
      <Following environments={this._environments} find={() => this._environments.current}>
        {environment => (
          <Panel
            environment={environment ?? null}
            elsewhere={this._environments.elsewhere}
            openStorage={this._openStorage}
          />
        )}
      </Following>
    );
  }
}

/** For a toolbar, where `id` is that of its panel, or for the status bar, where it follows the notebook in front. */
export class EnvironmentChip extends ReactWidget {
  constructor(
    private readonly _environments: INotebookEnvironments,
    private readonly _open: () => void,
    private readonly _notebook?: string
  ) {
    super();
    this.addClass('jp-Envs-chipholder');
    this.node.dataset.jupyterEnvs = '';
  }

  protected override render(): React.ReactElement {
    const environments = this._environments;
    const notebook = this._notebook;
    const find = (): Environment => (notebook === undefined ? environments.current : environments.get(notebook));
    return (
      <Following environments={environments} find={find}>
        {environment => <Chip environment={environment} open={this._open} />}
      </Following>
    );
  }
}

/** Above the cells of one notebook; it takes no room where there is nothing to say. */
export class EnvironmentBanner extends ReactWidget {
  constructor(
    private readonly _environments: INotebookEnvironments,
    private readonly _notebook: string
  ) {
    super();
    this.addClass('jp-Envs-bannerholder');
    this.node.dataset.jupyterEnvs = '';
  }

  override dispose(): void {
    this._observer.disconnect();
    super.dispose();
  }

  protected override render(): React.ReactElement {
    const environments = this._environments;
    return (
      <div ref={this._measure}>
        <Following environments={environments} find={() => environments.get(this._notebook)}>
          {environment => <Banner environment={environment} />}
        </Following>
      </div>
    );
  }

  /** Its panel gives each child the height that its style asks for, and does not look at what is in it. */
  private readonly _measure = (content: HTMLElement | null): void => {
    if (content) {
      this._observer.observe(content);
    } else {
      this._observer.disconnect();
    }
  };

  private readonly _observer = new ResizeObserver(entries => {
    const content = entries[entries.length - 1]?.target;
    const height = `${Math.ceil(content?.getBoundingClientRect().height ?? 0)}px`;
    if (this.node.style.minHeight !== height) {
      this.node.style.minHeight = height;
      this.parent?.fit();
    }
  });
}
