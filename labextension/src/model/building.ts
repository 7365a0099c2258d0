/** From what a notebook brings to an environment, by way of a yes; or without it. */

import { inquirer } from './agreement';
import type { Changes } from './changes';
import type { NotebookEnvironment } from './notebook';
import { nearestPython } from './offer';

export class Building {
  constructor(
    private readonly _notebook: NotebookEnvironment,
    private readonly _changes: Changes
  ) {}

  async build(look = false): Promise<void> {
    const { state, context } = this._notebook;
    const status = state.status;
    if (status?.state === 'no-block') {
      await this._changes.buildBase();
      return;
    }
    const consent = status?.consent;
    if (!consent || (consent.approved && !look)) {
      await this._changes.run('build', {});
      return;
    }
    const question = { proposal: consent, look, without: state.standin, inquire: inquirer(context.api) };
    const answer = await context.questions.build(question);
    if (answer === 'build') {
      await this.accept(consent.digest);
    } else if (answer === 'without') {
      await this.without();
    }
  }

  async accept(digest: string): Promise<void> {
    const { context, document } = this._notebook;
    const given = await this._changes.next(async () => {
      if (!document.block) {
        return false; // what was shown is not in the notebook any more
      }
      await context.api.giveConsent(digest, document.block);
      return true;
    });
    if (!given || !(await this._changes.run('build', { accept: digest }))) {
      await this._notebook.refresh();
    }
  }

  async without(): Promise<void> {
    const { context, document } = this._notebook;
    const id = document.kernelId;
    if (id === null) {
      return;
    }
    const gone = await this._changes.next(async () => {
      await context.api.without(id);
      return true;
    });
    if (gone) {
      await this._changes.switched(id);
    }
  }

  /** Versions that go together here, a question, and the environment; with another Python where the notebook's is not. */
  async relock(): Promise<void> {
    const { state } = this._notebook;
    let done = await this._changes.run('lock', {});
    const python = this._notebook.state.problem?.code === 'no-python' ? nearestPython(state.status) : null;
    if (!done && python) {
      done = await this._changes.run('python', { python });
    }
    if (done && this._notebook.state.status?.state === 'not-built') {
      await this.build();
    }
  }
}
