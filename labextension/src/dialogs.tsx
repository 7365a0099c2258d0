import { Dialog, ReactWidget, showDialog } from '@jupyterlab/apputils';
import * as React from 'react';

import { Proposal } from './components/proposal';
import { Problem } from './components/news';
import type { IProposal, IQuestions } from './tokens';
import type { IProblem } from './wire';

/** Questions as JupyterLab asks them. Escape and the cross mean no. */
export const questions: IQuestions = {
  build: (proposal: IProposal) => yes('Build this environment?', <Proposal proposal={proposal} />, 'Build'),
  runCode: (problem: IProblem, names: readonly string[]) =>
    yes(
      `Build ${names.join(', ')} from source?`,
      <>
        <Problem problem={problem} dismiss={null} />
        <p>This runs the code of {names.join(', ')} on this machine while it is built.</p>
      </>,
      'Run its code and build'
    )
};

async function yes(title: string, body: React.ReactElement, label: string): Promise<boolean> {
  const result = await showDialog({
    title,
    body: ReactWidget.create(<div className="jp-Envs jp-Envs-question">{body}</div>),
    // The first button has the focus: Enter must not give a consent that nobody read.
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label })],
    defaultButton: 0
  });
  return result.button.accept;
}
