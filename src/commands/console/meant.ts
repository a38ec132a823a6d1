import { isCompositorId } from '../../domain/compositor.ts';
import { printable } from '../printable.ts';
import { Trouble } from './trouble.ts';
import type { Desk } from './verb.ts';
import type { Word } from './words.ts';

/** The id that the first word is, or else the selected one. */
export function meant(desk: Desk, words: readonly Word[]): string {
  const [first] = words;
  if (first) return idOf(first.text);
  if (desk.selected === undefined) throw new Trouble('say which one, or select it with: use <id>');
  return desk.selected;
}

export function idOf(text: string): string {
  if (!isCompositorId(text))
    throw new Trouble(`${JSON.stringify(printable(text))} is no id; list shows them`);
  return text;
}
