/** Wiring only: which part of JupyterLab or Notebook 7 meets which part of ours. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, ISessionContextDialogs, IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { INotebookCellExecutor, INotebookTracker, runCell, type NotebookPanel } from '@jupyterlab/notebook';
import { IStatusBar } from '@jupyterlab/statusbar';
import type { IDisposable } from '@lumino/disposable';

import { createApi } from './api/client';
import { Bridge } from './document/bridge';
import { keptNotice, questions } from './consent/dialogs';
import { Documents } from './documents';
import { createExecutor } from './document/executor';
import { Gate } from './document/gate';
import { NotebookEnvironments } from './model/environments';
import { STORAGE, storage } from './storage/plugin';
import { INotebookEnvironments } from './tokens';
import { EnvironmentChip, environmentIcon, EnvironmentPanel, PANEL_ID } from './widgets';

export { INotebookEnvironments } from './tokens';

const OPEN = 'jupyter-envs:open';
const CORE_EXECUTOR = '@jupyterlab/notebook-extension:cell-executor';

/** What the plugins have connected, and let go of when somebody deactivates them. */
const connected: { model?: IDisposable; documents?: IDisposable } = {};

/** Requires no tracker, as the executor needs the model, and the tracker the executor. */
const model: JupyterFrontEndPlugin<INotebookEnvironments> = {
  id: 'jupyter-envs:model',
  description: 'The environments of the open notebooks.',
  provides: INotebookEnvironments,
  activate: (app: JupyterFrontEnd) => {
    const { events, sessions, serverSettings } = app.serviceManager;
    const environments = new NotebookEnvironments({
      api: createApi(serverSettings),
      questions,
      refreshSessions: () => sessions.refreshRunning()
    });
    environments.listen(events.stream);
    connected.model = environments;
    return environments;
  },
  deactivate: () => {
    connected.model?.dispose();
  }
};

const documents: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-envs:documents',
  description: 'Connects each open notebook with its kernel and its environment.',
  autoStart: true,
  requires: [INotebookEnvironments, INotebookTracker],
  optional: [ISessionContextDialogs],
  activate: (
    app: JupyterFrontEnd,
    environments: NotebookEnvironments,
    tracker: INotebookTracker,
    dialogs: ISessionContextDialogs | null
  ) => {
    connected.documents = new Documents(tracker, app.shell, environments, panel => {
      return new Bridge(panel, environments, app.serviceManager.contents, dialogs);
    });
  },
  deactivate: () => {
    connected.documents?.dispose();
  }
};

const panel: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-envs:panel',
  description: 'The side panel of the environment, and the command that shows it.',
  autoStart: true,
  requires: [INotebookEnvironments],
  optional: [ICommandPalette],
  activate: (app: JupyterFrontEnd, environments: INotebookEnvironments, palette: ICommandPalette | null) => {
    const openStorage = (): void => void app.commands.execute(STORAGE);
    app.shell.add(new EnvironmentPanel(environments, openStorage), 'right', {
      rank: 500,
      type: 'Notebook environment'
    });
    app.commands.addCommand(OPEN, {
      label: 'Show Notebook Environment',
      caption: 'Python and packages of this notebook',
      icon: environmentIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => {
        app.shell.activateById(PANEL_ID);
      }
    });
    palette?.addItem({ command: OPEN, category: 'Notebook Operations' });
  }
};

/** Its settings place the chip in the notebook's toolbar, so its id is the name of the schema. */
const chip: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-envs:plugin',
  description: 'The state of the environment in the notebook’s toolbar and in the status bar.',
  autoStart: true,
  requires: [INotebookEnvironments, IToolbarWidgetRegistry],
  optional: [IStatusBar],
  activate: (
    app: JupyterFrontEnd,
    environments: INotebookEnvironments,
    toolbars: IToolbarWidgetRegistry,
    statusBar: IStatusBar | null
  ) => {
    const open = opener(app);
    toolbars.addFactory<NotebookPanel>('Notebook', 'jupyter-envs', notebook => {
      return new EnvironmentChip(environments, open, notebook.id);
    });
    statusBar?.registerStatusItem('jupyter-envs:status', {
      item: new EnvironmentChip(environments, open),
      align: 'left',
      rank: 5
    });
  }
};

const executor: JupyterFrontEndPlugin<INotebookCellExecutor> = {
  id: 'jupyter-envs:executor',
  description: 'Runs cells as JupyterLab does, but keeps outputs while an environment is not built.',
  autoStart: true,
  requires: [INotebookEnvironments],
  provides: INotebookCellExecutor,
  activate: (app: JupyterFrontEnd, environments: INotebookEnvironments) =>
    createExecutor({ gate: new Gate(environments), run: runCell, kept: keptNotice(opener(app)) })
};

function opener(app: JupyterFrontEnd): () => void {
  return () => void app.commands.execute(OPEN);
}

// Whoever brings another executor disables JupyterLab's own. Theirs is then not replaced.
const foreignExecutor = PageConfig.Extension.isDisabled(CORE_EXECUTOR);

export default [model, documents, panel, chip, storage, ...(foreignExecutor ? [] : [executor])];
