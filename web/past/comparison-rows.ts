import type { ComparisonReply, Differences, EntryDifference, RegionDifference } from '../page/api.ts';
import type { Kind } from './mark-colours.ts';

/** What differs of one compositor: its tiles, and it itself. */
export interface CompositorDifferences {
  readonly id: string;
  /** Undefined: the reply does not say it. */
  readonly name: string | undefined;
  readonly tiles: Differences;
  readonly change: Change | undefined;
}

/** What became of a compositor or a region, in a few words. */
export interface Change {
  readonly kind: Kind;
  readonly words: string;
}

const NONE: Differences = { added: 0, changed: 0, removed: 0 };

/** Fields of entries, as people call them. Others follow from these, or say only that it is the same again. */
const WORDS: Readonly<Record<string, string>> = {
  name: 'name',
  status: 'status',
  enabled: 'status',
  version: 'version',
  platform: 'platform',
  protocol: 'address',
  address: 'address',
  port: 'address',
  labels: 'labels',
  capabilities: 'capabilities',
  commands: 'commands',
  limits: 'limits',
  info: 'what it says of itself',
  rect: 'cells',
  compositor: 'holder',
  purpose: 'purpose',
  exclusive: 'who may write',
};

/** Those of most tiles first, then those of which only the entry differs. */
export function compositorRows({ compositors, fleet }: ComparisonReply): CompositorDifferences[] {
  const entries = new Map(fleet.items.map((item) => [item.id, item]));
  const ids = new Set([...Object.keys(compositors), ...entries.keys()]);
  return [...ids]
    .map((id) => {
      const entry = entries.get(id);
      const change = entry && changeOf(entry, { added: 'registered', removed: 'left' });
      return { id, name: entry?.name, tiles: compositors[id] ?? NONE, change };
    })
    .sort((a, b) => sumOf(b.tiles) - sumOf(a.tiles));
}

export function regionChangeOf(region: RegionDifference): Change {
  return changeOf(region, { added: 'reserved', removed: 'given up' });
}

function changeOf(
  { change: kind, fields = [] }: EntryDifference,
  { added, removed }: Readonly<Record<'added' | 'removed', string>>,
): Change {
  if (kind === 'added') return { kind, words: added };
  if (kind === 'removed') return { kind, words: removed };
  const words = [...new Set(fields.map((field) => WORDS[field]).filter((word) => word !== undefined))];
  return { kind, words: words.join(', ') || `${added} again` };
}

export function sumOf({ added, changed, removed }: Differences): number {
  return added + changed + removed;
}
