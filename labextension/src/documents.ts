/** Gives each open notebook its bridge and its banner, until it is disposed of. */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { DisposableSet, type IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import type { NotebookEnvironments } from './model/environments';
import { EnvironmentBanner } from './widgets';

type Shell = Pick<JupyterFrontEnd.IShell, 'currentWidget' | 'currentChanged'>;

export class Documents implements IDisposable {
  constructor(
    private readonly _tracker: INotebookTracker,
    private readonly _shell: Shell,
    private readonly _environments: NotebookEnvironments,
    private readonly _bridge: (panel: NotebookPanel) => IDisposable
  ) {
    _tracker.widgetAdded.connect((_, panel) => {
      this._join(panel);
    }, this);
    // After a reload of the page, notebooks may have been restored already.
    _tracker.forEach(panel => {
      this._join(panel);
    });
    this._look();
    _tracker.currentChanged.connect(this._look, this);
    _shell.currentChanged?.connect(this._look, this);
  }

  /** The tracker still has the last notebook where a console or the launcher is in front by now. */
  private _look(): void {
    const widget = this._shell.currentWidget;
    if (widget && !this._tracker.has(widget)) {
      this._environments.show(null, widget.title.label || 'Something else');
    } else {
      this._environments.show((widget ?? this._tracker.currentWidget)?.id ?? null);
    }
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
