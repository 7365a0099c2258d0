import { Dialog, Notification, ReactWidget, showDialog } from '@jupyterlab/apputils';
import * as React from 'react';

import { Closer } from './proposal';
import { Problem } from '../parts/news';
import { StartCode } from './startcode';
import type { Answer, IQuestions } from '../tokens';

const BUILD = 'Build';
const WITHOUT = 'Run without it';

/** Questions as JupyterLab asks them. Escape and the cross mean no. */
export const questions: IQuestions = {
  build: async ({ proposal, inquire, look, without }) => {
    const others = without ? [Dialog.cancelButton({ label: WITHOUT })] : [];
    const body = <Closer proposal={proposal} inquire={inquire} look={look} />;
    const label = proposal.fetch ? `Download Python ${proposal.fetch.version} and build` : BUILD;
    const button = await ask('Build this environment?', body, [...others, Dialog.okButton({ label })]);
    const answer: Answer = button.label === WITHOUT ? 'without' : button.accept ? 'build' : 'no';
    return answer;
  },
  runCode: (problem, names) =>
    yes(
      `Build ${names.join(', ')} from source?`,
      <>
        <Problem problem={problem} dismiss={null} button />
        <p>The code of {names.join(', ')} runs on this machine, with access to your files.</p>
      </>,
      'Run its code and build'
    ),
  startCode: (problem, files) =>
    yes('Allow code to run whenever Python starts?', <StartCode problem={problem} files={files} />, 'Allow and build')
};

async function yes(title: string, body: React.ReactElement, label: string): Promise<boolean> {
  return (await ask(title, body, [Dialog.okButton({ label })])).accept;
}

async function ask(title: string, body: React.ReactElement, buttons: Dialog.IButton[]): Promise<Dialog.IButton> {
  const result = await showDialog({
    title,
    body: ReactWidget.create(
      <div data-jupyter-envs="">
        <div className="jp-Envs jp-Envs-question">{body}</div>
      </div>
    ),
    // The first button has the focus: Enter must not give a consent that nobody read.
    buttons: [Dialog.cancelButton({ label: 'Not now' }), ...buttons],
    defaultButton: 0
  });
  return result.button;
}

/** Says why cells with outputs did not run: once, however many "Run All" tries. */
export function keptNotice(open: () => void): (why: string) => void {
  let shown = '';
  return why => {
    if (!Notification.manager.has(shown)) {
      shown = Notification.warning(`${why} Cells with outputs did not run, so that no output is lost.`, {
        autoClose: 8000,
        actions: [{ label: 'Show', callback: open, displayType: 'accent' }]
      });
    }
  };
}
