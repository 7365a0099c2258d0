/** A notebook that has met its kernel. */

import { table, type ITable } from './fakes';
import * as wire from './wire';

export async function attached(prepare: (all: ITable) => void = () => undefined): Promise<ITable> {
  const all = table();
  prepare(all);
  await all.notebook.attached();
  return all;
}

/** The document and its kernel have the block of the examples. */
export function recorded({ document, server }: ITable, block = wire.block()): void {
  document.block = block;
  server.kernelAnswer = { ...wire.kernel('ready'), block };
}
