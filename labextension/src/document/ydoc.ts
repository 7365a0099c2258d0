/** A shared notebook, as far as we look into it. */

/** What Yjs says of a map of which keys have new values. */
export interface IReplaced {
  readonly keysChanged: ReadonlySet<string>;
}

/**
 * Of a shared notebook, the map that holds its metadata. With jupyter-collaboration, a file that somebody else wrote is taken
 * over by replacing all metadata at once, and no signal of the notebook's tells of that.
 */
export interface IShared {
  readonly ymeta?: {
    observe(listener: (event: IReplaced) => void): void;
    unobserve(listener: (event: IReplaced) => void): void;
  };
}
