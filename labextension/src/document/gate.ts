/** Lets a cell run as soon as it is known what would answer, in the order in which cells were run. */

import type { ISessionContext } from '@jupyterlab/apputils';
import type { INotebookCellExecutor } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';

import { KERNEL, type INotebookEnvironments, type Standing } from '../tokens';

/** What a stand-in calls itself. */
const STANDIN = 'jupyter-envs';
/** What is in the metadata of each kernelspec that we made for one notebook. */
const NAMED = 'jupyter_envs';
/** Milliseconds in which a kernel starts, even on a slow server. */
const PATIENCE = 90_000;

type Options = INotebookCellExecutor.IRunCellOptions;
/** `none`: the user wants no kernel. */
export type Known = Standing | 'none';

export class Gate {
  constructor(
    private readonly _environments: INotebookEnvironments,
    private readonly _patience = PATIENCE
  ) {}

  /** At once where it is known what answers: no cell waits for nothing. */
  async pass(options: Options, context: ISessionContext, act: (known: Known) => Promise<boolean>): Promise<boolean> {
    const waiting = this._waiting.get(context);
    const known = waiting ? 'unknown' : this._standing(context);
    if (known !== 'unknown') {
      return act(known);
    }
    const learning = waiting ?? this._learn(options, context).finally(() => this._waiting.delete(context));
    this._waiting.set(context, learning);
    return act(await learning);
  }

  private _standing(context: ISessionContext): Standing {
    const kernel = context.session?.kernel;
    if (!kernel || context.isRestarting) {
      return 'unknown';
    }
    if (!mayStandIn(kernel, context)) {
      return 'no';
    }
    const told = this._environments.standing(kernel.id);
    const itself = this._named.get(kernel);
    const holds = itself?.restarts === this._environments.restarts(kernel.id) && kernel.name !== KERNEL;
    return told === 'unknown' && itself && holds ? itself.standing : told;
  }

  private async _learn({ sessionDialogs }: Options, context: ISessionContext): Promise<Known> {
    const late = new Late(this._patience);
    try {
      // Before that, a session that is being looked for looks like none.
      if ((await Promise.race([settled(context), late.moment])) === 'late') {
        return 'unknown';
      }
      if (context.hasNoKernel && (await context.startKernel()) && sessionDialogs) {
        await sessionDialogs.selectKernel(context);
      }
      const kernel = context.session?.kernel;
      return kernel ? await this._ask(kernel, context, late) : 'none';
    } finally {
      late.dispose();
    }
  }

  /** Whoever says it first: the server, or the kernel itself, which may be there where the server's answer is not. */
  private async _ask(kernel: Kernel.IKernelConnection, context: ISessionContext, late: Late): Promise<Standing> {
    if (!mayStandIn(kernel, context)) {
      return 'no';
    }
    const { learned } = this._environments;
    const restarts = this._environments.restarts(kernel.id);
    let look = (): void => undefined;
    const told = new Promise<Standing>(resolve => {
      look = () => {
        const standing = this._standing(context);
        if (standing !== 'unknown') {
          resolve(standing);
        }
      };
    });
    learned.connect(look);
    look();
    try {
      const standing = await Promise.race([told, itself(kernel, restarts > 0), late.moment]);
      if (standing === 'late') {
        return 'unknown';
      }
      this._named.set(kernel, { standing, restarts });
      return standing;
    } finally {
      learned.disconnect(look);
    }
  }

  /** One for all cells that are run before it is known. */
  private readonly _waiting = new Map<ISessionContext, Promise<Known>>();
  /** Kernels for one notebook, of which the server tells the page nothing. */
  private readonly _named = new WeakMap<Kernel.IKernelConnection, { standing: Standing; restarts: number }>();
}

/** Only what our kernelspecs start may be a stand-in. */
function mayStandIn(kernel: Kernel.IKernelConnection, { specsManager }: ISessionContext): boolean {
  const { specs } = specsManager;
  return kernel.name === KERNEL || !specs || NAMED in (specs.kernelspecs[kernel.name]?.metadata ?? {});
}

/** There is a kernel and it does not restart, or it is clear that the user has to choose one. */
async function settled(context: ISessionContext): Promise<void> {
  const there = (): boolean => Boolean(context.session?.kernel) && !context.isRestarting;
  if (there() || (context.isReady && !context.isRestarting)) {
    return;
  }
  let look = (): void => undefined;
  const changed = new Promise<void>(resolve => {
    look = () => {
      if (there()) {
        resolve();
      }
    };
  });
  context.kernelChanged.connect(look);
  context.statusChanged.connect(look);
  try {
    await (context.isRestarting ? changed : Promise.race([changed, context.ready]));
  } finally {
    context.kernelChanged.disconnect(look);
    context.statusChanged.disconnect(look);
  }
}

/** What a kernel says of itself; never comes where it says nothing. `fresh`: what it has said is of an earlier process. */
async function itself(kernel: Kernel.IKernelConnection, fresh: boolean): Promise<Standing> {
  try {
    const info = fresh || kernel.name === KERNEL ? (await kernel.requestKernelInfo())?.content : await kernel.info;
    if (info?.status === 'ok') {
      return info.implementation === STANDIN ? 'yes' : 'no';
    }
  } catch {
    // It was restarted meanwhile, or is gone.
  }
  return new Promise(() => undefined);
}

/** The end of all patience. */
class Late {
  constructor(patience: number) {
    this.moment = new Promise(resolve => {
      this._timer = setTimeout(() => {
        resolve('late');
      }, patience);
    });
  }

  readonly moment: Promise<'late'>;

  dispose(): void {
    clearTimeout(this._timer);
  }

  private _timer: ReturnType<typeof setTimeout> | undefined;
}
