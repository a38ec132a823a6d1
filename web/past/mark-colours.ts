import type { Differences } from '../page/api.ts';
import type { Rgb } from '../../src/pattern/colour.ts';

export type Kind = keyof Differences;

/** What stands before the counts. */
export const KINDS: readonly { readonly kind: Kind; readonly sign: string }[] = [
  { kind: 'added', sign: '+' },
  { kind: 'changed', sign: '○' },
  { kind: 'removed', sign: '−' },
];

/** As in comparison.css. */
export const MARK_COLOURS: Readonly<Record<'dark' | 'light', Readonly<Record<Kind, Rgb>>>> = {
  dark: { added: [0.36, 0.83, 0.56], changed: [0.95, 0.76, 0.36], removed: [0.96, 0.46, 0.44] },
  light: { added: [0.08, 0.55, 0.33], changed: [0.72, 0.46, 0.02], removed: [0.79, 0.2, 0.2] },
};

/** Of which kind most are; of equal ones that which is easier to overlook when it is not named. */
export function mostOf({ added, changed, removed }: Differences): Kind {
  if (removed > 0 && removed >= added && removed >= changed) return 'removed';
  return added >= changed ? 'added' : 'changed';
}
