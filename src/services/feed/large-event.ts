import type { Patch } from '../../domain/patch.ts';
import { STEP } from '../../domain/steps.ts';
import { DataLines, Frame } from './event.ts';
import { framed } from './gzip.ts';

/** A `patch` of very many entries as one event, in steps between which others may run. `after`: JSON members at its end. */
export function* encodeLargePatch(
  { compositors, tiles }: Patch,
  id: string,
  after: string,
): Generator<void, Frame, undefined> {
  const pieces: Buffer[] = [];
  const lines = new DataLines('{"compositors":{');
  const head = `id: ${id}\nevent: patch\ndata: `;
  let entries = 0;
  const flush = () => {
    pieces.push(Buffer.from((pieces.length === 0 ? head : '') + lines.text));
    lines.text = '';
  };
  for (const [before, map] of [
    ['', compositors],
    ['},"tiles":{', tiles],
  ] as const) {
    if (before !== '') lines.add(before);
    let separator = '';
    for (const [name, value] of map) {
      lines.add(`${separator}"${name}":${JSON.stringify(value)}`);
      separator = ',';
      if (++entries % STEP !== 0) continue;
      flush();
      yield;
    }
  }
  lines.add(`}${after}}`);
  lines.text += '\n\n';
  flush();
  return new Frame(framed(pieces));
}
