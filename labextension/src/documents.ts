/** Gives each open notebook its bridge and its banner, until it is disposed of. */

import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { DisposableSet, type IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import type { NotebookEnvironments } from './model/environments';
import { EnvironmentBanner } from './widgets';

export class Documents implements IDisposable {
  constructor(
    tracker: INotebookTracker,
    private readonly _environments: NotebookEnvironments,
    private readonly _bridge: (panel: NotebookPanel) => IDisposable
  ) {
    tracker.widgetAdded.connect((_, panel) => {
      this._join(panel);
    }, this);
    // After a reload of the page, notebooks may have been restored already.
    tracker.forEach(panel => {
      this._join(panel);
    });
    _environments.show(tracker.currentWidget?.id ?? null);
    tracker.currentChanged.connect((_, panel) => {
      _environments.show(panel?.id ?? null);
    }, this);
  }

  get isDisposed(): boolean {
    return this._joined.isDisposed;
  }

  dispose(): void {
    Signal.clearData(this);
    this._joined.dispose();
  }

  private _join(panel: NotebookPanel): void {
    void panel.context.ready.then(() => {
      if (panel.isDisposed || this.isDisposed) {
        return;
      }
      const bridge = this._bridge(panel);
      const banner = new EnvironmentBanner(this._environments, panel.id);
      panel.contentHeader.addWidget(banner);
      const both = DisposableSet.from([bridge, banner]);
      this._joined.add(both);
      panel.disposed.connect(() => {
        this._joined.remove(both);
        both.dispose();
      }, this);
    });
  }

  private readonly _joined = new DisposableSet();
}
