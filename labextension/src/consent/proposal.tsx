import * as React from 'react';

import type { IFact, IOpinion, IProposal } from '../api/wire';
import { age, count, minor, size } from '../words';

/** Asks the index about one package. */
export type Inquire = (fact: IFact) => Promise<IOpinion>;

export interface ICloserProps {
  readonly proposal: IProposal;
  readonly inquire: Inquire;
  /** Ask the index at once: the user has already asked for more. */
  readonly look: boolean;
}

/** What would be built, package by package: enough to decide whether to trust it. */
export function Closer({ proposal, inquire, look }: ICloserProps): React.ReactElement {
  const [opinions, ask] = useOpinions(proposal.packages, inquire, look);
  const { python, bytes, packages, fetch } = proposal;
  const fresh = packages.filter(item => item.new);
  const rest = packages.filter(item => !item.new);
  return (
    <div className="jp-Envs-proposal">
      <p>
        Python {minor(python)}, {count(packages.length, 'package')}
        {bytes ? `, ${size(bytes)} to fetch` : ''}.{' '}
        {fresh.length ? `You have not approved ${fresh.length} of them before.` : 'You approved all of them before.'}
      </p>
      {fetch ? (
        <p>
          Python {fetch.version} is not installed here: it will be downloaded from {fetch.source}
          {fetch.size === null ? '' : `, ${size(fetch.size)}`}.
        </p>
      ) : null}
      <p>Its packages run as you, with access to your files. Build it if you trust the source of the notebook.</p>
      <Warnings proposal={proposal} />
      {ask ? (
        <p>
          <button type="button" className="jp-Envs-link" onClick={ask}>
            Look closer
          </button>
          <span className="jp-Envs-quiet"> asks the package index what it knows about them.</span>
        </p>
      ) : (
        <Asking done={Object.keys(opinions).length} all={packages.length} />
      )}
      <Table title="New on this machine" items={fresh} opinions={opinions} open />
      <Table title="Approved before" items={rest} opinions={opinions} open={!fresh.length} />
    </div>
  );
}

type Opinions = Readonly<Record<string, IOpinion>>;
const AT_ONCE = 4;

/** What the index said so far, and how to ask it; null: it has been asked. */
function useOpinions(items: readonly IFact[], inquire: Inquire, look: boolean): [Opinions, (() => void) | null] {
  const [asked, setAsked] = React.useState(look);
  const [opinions, setOpinions] = React.useState<Opinions>({});
  React.useEffect(() => {
    const left = asked ? [...items] : [];
    let heard = (name: string, opinion: IOpinion): void => {
      setOpinions(known => ({ ...known, [name]: opinion }));
    };
    const worker = async (): Promise<void> => {
      for (let item = left.shift(); item; item = left.shift()) {
        heard(item.name, await inquire(item));
      }
    };
    for (let i = 0; i < AT_ONCE; i += 1) {
      void worker();
    }
    return () => {
      left.length = 0;
      heard = () => undefined;
    };
  }, [asked, items, inquire]);
  const ask = (): void => {
    setAsked(true);
  };
  return [opinions, asked ? null : ask];
}

function Asking({ done, all }: { readonly done: number; readonly all: number }): React.ReactElement {
  return (
    <p className="jp-Envs-quiet" role="status">
      {done < all
        ? `The index was asked about ${done} of ${count(all, 'package')}…`
        : 'The index was asked about all of them.'}
    </p>
  );
}

function Warnings({ proposal }: { readonly proposal: IProposal }): React.ReactElement | null {
  const { indexes, packages, beyond = [] } = proposal;
  const marked = packages.filter(item => item.marks.length);
  if (indexes.length < 2 && !marked.length && !beyond.length) {
    return null;
  }
  return (
    <ul className="jp-Envs-warnings">
      {indexes.length > 1 ? (
        <li>
          It takes packages from {indexes.length} indexes: {indexes.map(name => name || 'the default one').join(', ')}.
        </li>
      ) : null}
      {beyond.length ? <li>The notebook also asks for {beyond.join('; ')}.</li> : null}
      {marked.flatMap(item => sentences(item).map(text => <li key={text}>{text}</li>))}
    </ul>
  );
}

function sentences(item: IFact): string[] {
  return item.marks.map(mark => {
    switch (mark) {
      case 'source':
        return `${item.name} is built from source: its code runs while it is built.`;
      case 'address':
        return `${item.name} comes from ${item.address ?? 'an address'}, not from an index.`;
      case 'lookalike':
        return `${item.name} is one letter away from ${item.like ?? 'a popular name'}. Is it the intended one?`;
      case 'young':
        return `${item.name} ${item.version} was published ${age(item.uploaded)} ago.`;
    }
  });
}

interface ITableProps {
  readonly title: string;
  readonly items: readonly IFact[];
  readonly opinions: Opinions;
  readonly open: boolean;
}

function Table({ title, items, opinions, open }: ITableProps): React.ReactElement | null {
  if (!items.length) {
    return null;
  }
  const placed = items.some(item => item.index);
  const noted = items.some(item => item.marks.length || opinions[item.name]);
  return (
    <details open={open}>
      <summary>
        {title} <span className="jp-Envs-quiet">{items.length}</span>
      </summary>
      <table className="jp-Envs-table">
        <thead>
          <tr>
            <th scope="col">Package</th>
            <th scope="col">Version</th>
            <th scope="col">Size</th>
            <th scope="col">Age</th>
            {placed ? <th scope="col">Index</th> : null}
            {noted ? <th scope="col">Notes</th> : null}
          </tr>
        </thead>
        <tbody>
          {items.map(item => (
            <Row key={item.name} item={item} opinion={opinions[item.name]} placed={placed} noted={noted} />
          ))}
        </tbody>
      </table>
    </details>
  );
}

interface IRowProps {
  readonly item: IFact;
  readonly opinion: IOpinion | undefined;
  /** Which columns there are. */
  readonly placed: boolean;
  readonly noted: boolean;
}

function Row({ item, opinion, placed, noted }: IRowProps): React.ReactElement {
  return (
    <tr>
      <td
        className={item.declared ? 'jp-Envs-name jp-mod-declared' : 'jp-Envs-name'}
        title={item.declared ? 'asked for' : 'needed by other packages'}
      >
        {item.name}
      </td>
      <td>{item.version}</td>
      <td className="jp-Envs-size">{size(item.size)}</td>
      <td>{age(opinion?.uploaded ?? item.uploaded)}</td>
      {placed ? <td>{item.index ?? ''}</td> : null}
      {noted ? (
        <td>
          {item.marks.map(mark => (
            <span key={mark} className="jp-Envs-flag">
              {LABELS[mark]}
            </span>
          ))}
          {opinion ? <Opinion item={item} opinion={opinion} /> : null}
        </td>
      ) : null}
    </tr>
  );
}

const LABELS = {
  source: 'built from source',
  address: 'from an address',
  lookalike: 'check its name',
  young: 'new'
} as const;

function Opinion({ item, opinion }: { readonly item: IFact; readonly opinion: IOpinion }): React.ReactElement {
  return (
    <>
      {opinion.yanked === null ? null : (
        <span className="jp-Envs-flag jp-mod-bad">yanked{opinion.yanked ? `: ${opinion.yanked}` : ''}</span>
      )}
      {(opinion.advisories ?? []).map(advisory => (
        <span key={advisory.id} className="jp-Envs-flag jp-mod-bad" title={advisory.summary}>
          {advisory.id}
        </span>
      ))}
      {opinion.newest && opinion.newest !== item.version ? (
        <span className="jp-Envs-quiet">newest is {opinion.newest}</span>
      ) : null}
      {opinion.problem ? <span className="jp-Envs-quiet">{opinion.problem}</span> : null}
    </>
  );
}
