/** From what a notebook brings to an environment, by way of a yes; or without it. */

import { inquirer } from './agreement';
import type { Changes } from './changes';
import { switched } from './endings';
import type { Held } from './held';
import { nearestPython } from './offer';
import type { IContext } from './state';
import type { IDocument } from '../tokens';

export class Building {
  constructor(
    private readonly _document: IDocument,
    private readonly _context: IContext,
    private readonly _held: Held,
    private readonly _changes: Changes,
    private readonly _refresh: () => Promise<void>
  ) {}

  async build(look = false): Promise<void> {
    const { status, standin } = this._held.state;
    if (status?.state === 'no-block') {
      await this._changes.buildBase();
      return;
    }
    const consent = status?.consent;
    if (!consent || (consent.approved && !look)) {
      await this._changes.run('build', {});
      return;
    }
    const question = { proposal: consent, look, without: standin, inquire: inquirer(this._context.api) };
    const answer = await this._context.questions.build(question);
    if (answer === 'build') {
      await this.accept(consent.digest);
    } else if (answer === 'without') {
      await this.without();
    }
  }

  async accept(digest: string): Promise<void> {
    const document = this._document;
    const given = await this._changes.next(async () => {
      if (!document.block) {
        return false; // what was shown is not in the notebook any more
      }
      await this._context.api.giveConsent(digest, document.block);
      return true;
    });
    if (!given || !(await this._changes.run('build', { accept: digest }))) {
      await this._refresh();
    }
  }

  async without(): Promise<void> {
    const id = this._document.kernelId;
    if (id === null) {
      return;
    }
    const gone = await this._changes.next(async () => {
      await this._context.api.without(id);
      return true;
    });
    if (gone) {
      await switched(this._document, this._context, this._held, id);
    }
  }

  /** Versions that go together here, a question, and the environment; with another Python where the notebook's is not. */
  async relock(): Promise<void> {
    const { status } = this._held.state;
    let done = await this._changes.run('lock', {});
    const python = this._held.state.problem?.code === 'no-python' ? nearestPython(status) : null;
    if (!done && python) {
      done = await this._changes.run('python', { python });
    }
    if (done && this._held.state.status?.state === 'not-built') {
      await this.build();
    }
  }
}
