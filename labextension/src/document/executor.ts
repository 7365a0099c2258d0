/** Keeps outputs when a cell is run while a stand-in answers, or may answer: an error would take their place. */

import type { ICodeCellModel } from '@jupyterlab/cells';
import type { INotebookCellExecutor } from '@jupyterlab/notebook';

import type { Gate, Known } from './gate';

const ORDER = /^\s*(?:%?env-\w+|[%!]\s*(?:pip3?|uv|conda|mamba))\b/;

type Options = INotebookCellExecutor.IRunCellOptions;

export interface IRunning {
  readonly gate: Gate;
  /** As JupyterLab runs a cell. */
  readonly run: (options: Options) => Promise<boolean>;
  /** Says once, however many cells "Run All" tries, that some did not run. */
  readonly kept: (why: string) => void;
}

export function createExecutor({ gate, run, kept }: IRunning): INotebookCellExecutor {
  const act = (known: Known, options: Options): Promise<boolean> => {
    const { cell, onCellExecuted } = options;
    if (known === 'no' || (known !== 'none' && !wouldLose(cell.model))) {
      return run(options);
    }
    if (known !== 'none') {
      const built = known === 'yes';
      kept(
        built
          ? 'This notebook’s environment is not built yet.'
          : 'It is not known yet whether this notebook’s environment is ready.'
      );
    }
    onCellExecuted({ cell, success: false });
    return Promise.resolve(false);
  };
  return {
    runCell: options => {
      const { cell, sessionContext: context } = options;
      // JupyterLab runs nothing then, and loses nothing.
      const idle = !context || context.isTerminating || context.pendingInput;
      return idle || cell.model.type !== 'code'
        ? run(options)
        : gate.pass(options, context, known => act(known, options));
    }
  };
}

/** A cell with outputs that is not an order to build or install. */
function wouldLose(model: Options['cell']['model']): boolean {
  if (model.type !== 'code') {
    return false;
  }
  const { outputs } = model as ICodeCellModel;
  return outputs.length > 0 && !ORDER.test(model.sharedModel.getSource());
}
