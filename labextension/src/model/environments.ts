/** All open notebooks and the one in front. */

import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import { NotebookEnvironment } from './notebook';
import type { IContext } from './state';
import type { IDocument, INotebookEnvironments, Standing } from '../tokens';
import { EVENTS, type IHint } from '../api/wire';

export class NotebookEnvironments implements INotebookEnvironments, IDisposable {
  constructor(private readonly _context: IContext) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get learned(): ISignal<this, void> {
    return this._learned;
  }

  get current(): NotebookEnvironment | null {
    return (this._front !== null && this._notebooks.get(this._front)) || null;
  }

  get(id: string): NotebookEnvironment | undefined {
    return this._notebooks.get(id);
  }

  /** By the id of its panel: a path changes, and two panels can show one. */
  add(id: string, document: IDocument): NotebookEnvironment {
    const notebook = new NotebookEnvironment(document, this._context, () => {
      this._learned.emit();
    });
    this._notebooks.set(id, notebook);
    this._changed.emit();
    return notebook;
  }

  remove(id: string): void {
    this._notebooks.get(id)?.dispose();
    this._notebooks.delete(id);
    this._changed.emit();
  }

  get elsewhere(): string {
    return this._elsewhere;
  }

  /** Null: no notebook is in front, but perhaps something else with this title. */
  show(id: string | null, elsewhere = ''): void {
    if (id !== this._front || elsewhere !== this._elsewhere) {
      this._front = id;
      this._elsewhere = elsewhere;
      this._changed.emit();
    }
  }

  standing(kernelId: string): Standing {
    const told = this._of(kernelId).map(notebook => notebook.standings.of(kernelId));
    return told.includes('yes') ? 'yes' : told.includes('no') ? 'no' : 'unknown';
  }

  restarts(kernelId: string): number {
    return Math.max(0, ...this._of(kernelId).map(notebook => notebook.standings.restarts(kernelId)));
  }

  private _of(kernelId: string): NotebookEnvironment[] {
    return [...this._notebooks.values()].filter(notebook => notebook.document.kernelId === kernelId);
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    if (!this._disposed) {
      this._disposed = true;
      Signal.clearData(this);
      this._notebooks.forEach(notebook => {
        notebook.dispose();
      });
      this._notebooks.clear();
    }
  }

  /** Follows the server's events, until it is disposed of. */
  listen(events: ISignal<unknown, { readonly schema_id: string }>): void {
    events.connect((_, emission) => {
      this.event(emission);
    }, this);
  }

  /** An event of the server, of whatever schema. Anyone may send one: it is only a reason to look. */
  event(emission: { readonly schema_id: string }): void {
    if (emission.schema_id === EVENTS) {
      const hint = emission as unknown as IHint;
      this._notebooks.forEach(notebook => {
        notebook.hinted(hint);
      });
    }
  }

  private readonly _notebooks = new Map<string, NotebookEnvironment>();
  private readonly _changed = new Signal<this, void>(this);
  private readonly _learned = new Signal<this, void>(this);
  private _front: string | null = null;
  private _elsewhere = '';
  private _disposed = false;
}
