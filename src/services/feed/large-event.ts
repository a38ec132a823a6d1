import type { VisiblePatch } from '../../domain/overview.ts';
import { STEP } from '../../domain/steps.ts';
import { DataLines, Frame, REGIONS, type CellMap } from './event.ts';
import { framed } from './gzip.ts';

/** A `patch` of very many entries as one event, in steps between which others may run. `after`: JSON members at its end. */
export function* encodeLargePatch(
  { compositors, tiles, regions }: VisiblePatch,
  id: string,
  after: string,
  map: CellMap = 'tiles',
): Generator<void, Frame, undefined> {
  const pieces: Buffer[] = [];
  const lines = new DataLines('{"compositors":{');
  const head = `id: ${id}\nevent: patch\ndata: `;
  let count = 0;
  const flush = () => {
    pieces.push(Buffer.from((pieces.length === 0 ? head : '') + lines.text));
    lines.text = '';
  };
  for (const [before, entries] of [
    ['', compositors],
    ...(regions.size > 0 ? ([[REGIONS, regions]] as const) : []),
    [`},"${map}":{`, tiles],
  ] as const) {
    if (before !== '') lines.add(before);
    let separator = '';
    for (const [name, value] of entries) {
      lines.add(`${separator}"${name}":${JSON.stringify(value)}`);
      separator = ',';
      if (++count % STEP !== 0) continue;
      flush();
      yield;
    }
  }
  lines.add(`}${after}}`);
  lines.text += '\n\n';
  flush();
  return new Frame(framed(pieces));
}
