/** Keeps outputs when a cell is run while a stand-in answers: an error would take their place. */

import { Notification } from '@jupyterlab/apputils';
import type { ICodeCellModel } from '@jupyterlab/cells';
import { runCell, type INotebookCellExecutor } from '@jupyterlab/notebook';

import type { INotebookEnvironments } from './tokens';

const ORDER = /^\s*(?:%?env-\w+|[%!]\s*(?:pip3?|uv|conda|mamba))\b/;

export function createExecutor(environments: INotebookEnvironments, open: () => void): INotebookCellExecutor {
  let warning = '';
  return {
    runCell: options => {
      const { cell, sessionContext, onCellExecuted } = options;
      const kernel = sessionContext?.session?.kernel?.id;
      const waiting = kernel !== undefined && environments.standsIn(kernel);
      if (!waiting || !wouldLose(cell.model)) {
        return runCell(options);
      }
      warning = warn(warning, open);
      onCellExecuted({ cell, success: false });
      return Promise.resolve(false);
    }
  };
}

/** A cell with outputs that is not an order to build or install. */
function wouldLose(model: INotebookCellExecutor.IRunCellOptions['cell']['model']): boolean {
  if (model.type !== 'code') {
    return false;
  }
  const { outputs } = model as ICodeCellModel;
  return outputs.length > 0 && !ORDER.test(model.sharedModel.getSource());
}

/** One notice, however many cells "Run All" tries. */
function warn(shown: string, open: () => void): string {
  if (Notification.manager.has(shown)) {
    return shown;
  }
  return Notification.warning('This notebook’s environment is not built yet. Cells with outputs did not run, so that none is lost.', {
    autoClose: 8000,
    actions: [{ label: 'Show', callback: open, displayType: 'accent' }]
  });
}
