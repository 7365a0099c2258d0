import * as React from 'react';

import { offer, type IButton } from '../model/offer';
import type { IActions, INotebookEnvironment } from '../tokens';
import { Bar } from '../parts/bar';

export interface IBannerProps {
  readonly environment: INotebookEnvironment | null | undefined;
}

/** Above the cells of a notebook that waits for its environment: what it brings, and what can be done. */
export function Banner({ environment }: IBannerProps): React.ReactElement | null {
  const shown = environment ? offer(environment.state) : null;
  if (!environment || !shown) {
    return null;
  }
  const { state } = environment;
  return (
    <section className={`jp-Envs jp-Envs-banner jp-mod-${shown.mood}`} aria-label="This notebook’s environment">
      <div className="jp-Envs-said">
        <p role="status">
          {shown.sentence}
          {shown.more ? <span className={shown.mood === 'busy' ? 'jp-Envs-quiet' : ''}> {shown.more}</span> : null}
        </p>
        {shown.mood === 'busy' ? <Bar progress={state.job ? state.job.progress : state.told} /> : null}
        {shown.details ? (
          <details>
            <summary>Details</summary>
            <pre>{shown.details}</pre>
          </details>
        ) : null}
      </div>
      <div className="jp-Envs-buttons">
        {shown.buttons.map((button, number) => (
          <Button
            key={button.label}
            button={button}
            main={number === 0 && shown.mood !== 'busy'}
            actions={environment}
          />
        ))}
      </div>
    </section>
  );
}

interface IButtonProps {
  readonly button: IButton;
  readonly main: boolean;
  readonly actions: IActions;
}

function Button({ button, main, actions }: IButtonProps): React.ReactElement {
  return (
    <button
      type="button"
      className={`jp-Envs-button jp-mod-styled ${main ? 'jp-mod-accept' : 'jp-mod-reject'}`}
      onClick={() => void button.act(actions)}
    >
      {button.label}
    </button>
  );
}
