/** A notebook's session and its kernel, as far as whoever runs a cell looks at them. */

import type { KernelMessage } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';

/** What of a session's context the executor looks at. */
export class FakeContext {
  session: { kernel: FakeKernel | null } | null = null;
  isReady = false;
  isRestarting = false;
  isTerminating = false;
  pendingInput = false;
  hasNoKernel = false;
  starts = 0;
  chosen: FakeKernel | null = null;
  specsManager = {
    specs: {
      kernelspecs: {
        'jupyter-envs': {},
        python3: { metadata: { debugger: true } },
        mine: { metadata: { jupyter_envs: { notebook: '/a.ipynb' } } }
      }
    }
  };
  readonly kernelChanged = new Signal<this, void>(this);
  readonly statusChanged = new Signal<this, void>(this);
  readonly ready = new Promise<void>(resolve => {
    this.resolve = resolve;
  });
  private resolve: () => void = () => undefined;

  has(kernel: FakeKernel | null): void {
    this.session = { kernel };
    this.isReady = true;
    this.resolve();
    this.kernelChanged.emit();
  }

  restarts(now: boolean): void {
    this.isRestarting = now;
    this.isReady = !now;
    this.statusChanged.emit();
  }

  startKernel(): Promise<boolean> {
    this.starts += 1;
    this.has(this.chosen);
    return Promise.resolve(false);
  }
}

export class FakeKernel {
  asked = 0;
  implementation = 'ipython';
  silent = false;
  private _first: Promise<KernelMessage.IInfoReply> | null = null;

  constructor(
    readonly id: string,
    readonly name = 'jupyter-envs'
  ) {}

  /** Of the process that was there first. */
  get info(): Promise<KernelMessage.IInfoReply> {
    this._first ??= this.requestKernelInfo().then(reply => reply.content);
    return this._first;
  }

  requestKernelInfo(): Promise<{ content: KernelMessage.IInfoReply }> {
    this.asked += 1;
    const content = { status: 'ok', implementation: this.implementation } as unknown as KernelMessage.IInfoReply;
    return this.silent ? new Promise(() => undefined) : Promise.resolve({ content });
  }
}
