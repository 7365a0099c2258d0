/** Between one notebook panel and its environment: the document's metadata, and the comm to its kernel. */

import type { ISessionContext } from '@jupyterlab/apputils';
import type { INotebookModel, NotebookPanel } from '@jupyterlab/notebook';
import type { Contents, Kernel } from '@jupyterlab/services';
import { JSONExt } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import type { NotebookEnvironments } from '../model/environments';
import type { NotebookEnvironment } from '../model/notebook';
import type { IReplaced, IShared } from './ydoc';
import { KERNEL, type IDocument, type KernelKind } from '../tokens';
import type { Block, FromKernel, ToKernel } from '../api/wire';

const TARGET = 'jupyter_envs';
const KEY = 'jupyter_envs';
/** Milliseconds between two looks at the server while there is no connection to the kernel. */
const LOST = 3000;

export class Bridge implements IDocument, IDisposable {
  constructor(
    private readonly _panel: NotebookPanel,
    environments: NotebookEnvironments,
    private readonly _contents: Contents.IManager,
    private readonly _dialogs: ISessionContext.IDialogs | null
  ) {
    this._environment = environments.add(_panel.id, this);
    this._forget = () => {
      environments.remove(_panel.id);
    };
    const { sessionContext, context } = _panel;
    this._said = languageOf(context.model);
    sessionContext.kernelChanged.connect(this._attach, this);
    sessionContext.statusChanged.connect(this._statusChanged, this);
    sessionContext.connectionStatusChanged.connect(this._connection, this);
    context.pathChanged.connect(this._moved, this);
    context.fileChanged.connect(this._moved, this);
    context.model.metadataChanged.connect(this._edited, this);
    this._ymeta = (context.model.sharedModel as unknown as IShared).ymeta;
    this._ymeta?.observe(this._replaced);
    _panel.disposed.connect(this.dispose, this);
    this._attach();
  }

  isDisposed = false;

  dispose(): void {
    if (!this.isDisposed) {
      this.isDisposed = true;
      this._comm = null;
      clearInterval(this._lost);
      this._ymeta?.unobserve(this._replaced);
      Signal.clearData(this);
      this._forget();
    }
  }

  // -- the document ------------------------------------------------------------------------------------------

  get path(): string {
    return this._contents.localPath(this._panel.context.path);
  }

  get dirty(): boolean {
    return this._panel.context.model.dirty;
  }

  get shared(): boolean {
    return this._panel.context.model.collaborative ?? false;
  }

  get block(): Block | null {
    const value = this._panel.context.model.sharedModel.getMetadata(KEY);
    // What is no object at all is for the server to refuse, in words that say where.
    return value === undefined || value === null ? null : (value as Block);
  }

  write(block: Block | null): void {
    const { sharedModel } = this._panel.context.model;
    if (JSONExt.deepEqual(this.block, block)) {
      return;
    }
    if (block === null) {
      sharedModel.deleteMetadata(KEY);
    } else {
      sharedModel.setMetadata(KEY, block);
    }
  }

  private _moved(): void {
    void this._environment.moved();
  }

  private _edited(): void {
    void this._environment.edited();
  }

  private readonly _replaced = (event: IReplaced): void => {
    if (event.keysChanged.has('metadata')) {
      this._edited();
    }
  };

  // -- the kernel --------------------------------------------------------------------------------------------

  get kernelId(): string | null {
    return this._kernel?.id ?? null;
  }

  get kernelName(): string {
    return this._panel.sessionContext.kernelDisplayName;
  }

  get kernel(): KernelKind {
    const language = this._language();
    if (language && !language.toLowerCase().includes('python')) {
      return 'foreign';
    }
    const kernel = this._kernel;
    return kernel === null ? 'none' : kernel.name === KERNEL ? 'ours' : 'other';
  }

  async restart(): Promise<void> {
    const { sessionContext } = this._panel;
    await (this._dialogs ? this._dialogs.restart(sessionContext) : sessionContext.restartKernel());
  }

  get answering(): boolean {
    return this._panel.sessionContext.pendingInput;
  }

  async interrupt(): Promise<void> {
    await this._kernel?.interrupt();
  }

  async adopt(): Promise<void> {
    await this._panel.sessionContext.changeKernel({ name: KERNEL });
  }

  tell(message: ToKernel): boolean {
    this._comm?.send(message as unknown as Parameters<Kernel.IComm['send']>[0]);
    return this._comm !== null;
  }

  private get _kernel(): Kernel.IKernelConnection | null {
    return this._panel.sessionContext.session?.kernel ?? null;
  }

  /** Of the kernel that runs, else what the notebook said of itself; empty where nobody knows. */
  private _language(): string {
    const kernel = this._kernel;
    const specs = this._panel.sessionContext.specsManager.specs?.kernelspecs;
    return kernel ? (specs?.[kernel.name]?.language ?? '') : this._said;
  }

  private _attach(): void {
    this._hangUp();
    void this._environment.attached();
    this._shakeHands();
  }

  private _statusChanged(_: ISessionContext, status: Kernel.Status): void {
    switch (status) {
      case 'restarting':
      case 'autorestarting':
        // The connection stays, but the process that knew the comm is gone.
        this._hangUp();
        this._environment.standings.restarting(this.kernelId);
        this._restarted = true;
        break;
      case 'idle':
        this._environment.idle();
        if (this._restarted) {
          this._restarted = false;
          void this._environment.attached(true);
        }
        this._shakeHands();
        break;
      default:
        break;
    }
  }

  /** Without one, nobody tells that the server was restarted. */
  private _connection(_: ISessionContext, status: Kernel.ConnectionStatus): void {
    clearInterval(this._lost);
    if (status === 'connected') {
      this._shakeHands();
    } else {
      this._lost = setInterval(() => void this._environment.refresh(), LOST);
    }
  }

  private _hangUp(): void {
    this._comm = null;
    this._refused = false;
  }

  /**
   * The page opens the comm: one that a kernel opens is lost at a reload. May be called at any time, as being connected
   * and becoming idle come in any order.
   */
  private _shakeHands(): void {
    const kernel = this._kernel;
    if (this._comm || this._refused || !kernel || kernel.isDisposed || kernel.connectionStatus !== 'connected') {
      return;
    }
    if (this.kernel !== 'ours' || !kernel.handleComms) {
      return;
    }
    const comm = kernel.createComm(TARGET);
    let answered = false;
    this._comm = comm;
    comm.onMsg = message => {
      answered = true;
      if (this._comm === comm) {
        void this._environment.heard(message.content.data as unknown as FromKernel);
      }
    };
    comm.onClose = () => {
      if (this._comm === comm) {
        this._comm = null;
        // A kernel that does not know the target closes at once. Asking again would make it busy, then idle, for ever.
        this._refused = !answered;
      }
    };
    comm.open({ hello: 1 });
  }

  private readonly _environment: NotebookEnvironment;
  private readonly _forget: () => void;
  private readonly _ymeta: IShared['ymeta'];
  private readonly _said: string;
  private _comm: Kernel.IComm | null = null;
  private _refused = false;
  private _restarted = false;
  private _lost: ReturnType<typeof setInterval> | undefined;
}

/** As the notebook says when it is opened: JupyterLab takes that away when somebody chooses to have no kernel. */
function languageOf(model: INotebookModel): string {
  const { language_info: info, kernelspec } = model.sharedModel.metadata;
  const named = kernelspec?.language;
  // An empty name is what JupyterLab puts in where the file says nothing.
  return info?.name || (typeof named === 'string' ? named : '');
}
