/** The components as widgets that follow the model. */

import { ReactWidget, UseSignal } from '@jupyterlab/apputils';
import { LabIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import boxSvg from '../style/icons/environment.svg';
import { Banner } from './banner/banner';
import { Chip } from './panel/chip';
import { Panel } from './panel/panel';
import type { INotebookEnvironments } from './tokens';

export const PANEL_ID = 'jupyter-envs-panel';

export const environmentIcon = new LabIcon({ name: 'jupyter-envs:environment', svgstr: boxSvg });

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
      <UseSignal signal={this._environments.changed}>
        {() => <Panel environment={this._environments.current} openStorage={this._openStorage} />}
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
    this.node.dataset.jupyterEnvs = '';
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
        <UseSignal signal={environments.changed}>
          {() => <Banner environment={environments.get(this._notebook)} />}
        </UseSignal>
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
