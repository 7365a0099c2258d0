/** The command that opens the storage view. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, ICommandPalette, ReactWidget, showDialog, UseSignal } from '@jupyterlab/apputils';
import * as React from 'react';

import { StorageView } from './view';
import { createStoreApi } from './api';
import { Storage } from './model';

export const STORAGE = 'jupyter-envs:storage';

export const storage: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-envs:storage',
  description: 'Shows the environments on this machine, their sizes, and what can be deleted.',
  autoStart: true,
  optional: [ICommandPalette],
  activate: (app: JupyterFrontEnd, palette: ICommandPalette | null) => {
    app.commands.addCommand(STORAGE, {
      label: 'Show Environments on This Machine',
      caption: 'Their sizes, which notebooks used them, and what can be deleted',
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => open(new Storage(createStoreApi(app.serviceManager.serverSettings)))
    });
    palette?.addItem({ command: STORAGE, category: 'Notebook Operations' });
  }
};

async function open(model: Storage): Promise<void> {
  const body = ReactWidget.create(
    <div data-jupyter-envs="">
      <div className="jp-Envs jp-Envs-question">
        <UseSignal signal={model.changed}>{() => <StorageView state={model.state} actions={model} />}</UseSignal>
      </div>
    </div>
  );
  void model.load();
  try {
    await showDialog({
      title: 'Environments on this machine',
      body,
      buttons: [Dialog.okButton({ label: 'Close' })]
    });
  } finally {
    model.dispose();
  }
}
