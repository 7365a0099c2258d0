/** The components as widgets that follow the model. */

import { ReactWidget, UseSignal } from '@jupyterlab/apputils';
import { LabIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import boxSvg from '../style/icons/environment.svg';
import { Chip } from './components/chip';
import { Panel } from './components/panel';
import type { INotebookEnvironments } from './tokens';

export const PANEL_ID = 'jupyter-envs-panel';

export const environmentIcon = new LabIcon({ name: 'jupyter-envs:environment', svgstr: boxSvg });

/** For the right side bar. */
export class EnvironmentPanel extends ReactWidget {
  constructor(private readonly _environments: INotebookEnvironments) {
    super();
    this.id = PANEL_ID;
    this.addClass('jp-Envs-panel');
    this.title.icon = environmentIcon;
    this.title.caption = 'Notebook environment';
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', 'Notebook environment');
  }

  protected override render(): React.ReactElement {
    return (
      <UseSignal signal={this._environments.changed}>
        {() => <Panel environment={this._environments.current} />}
      </UseSignal>
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
  }

  protected override render(): React.ReactElement {
    const environments = this._environments;
    return (
      <UseSignal signal={environments.changed}>
        {() => {
          const shown = this._notebook === undefined ? environments.current : environments.get(this._notebook);
          return <Chip environment={shown} open={this._open} />;
        }}
      </UseSignal>
    );
  }
}
