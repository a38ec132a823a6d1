import { element } from '../page/dom.ts';
import type { Commit } from '../page/api.ts';

/**
 * The button of a commit's row, which leads to the moment right after it. All of the row can be clicked; what else is in it and can
 * be clicked lies above.
 */
export function commitButton(
  { cursor, revision }: Pick<Commit, 'cursor' | 'revision'>,
  options: { readonly content: Node | string; readonly at: string | undefined; readonly onGo: () => void },
): HTMLButtonElement {
  const made = element('button', 'commit-go');
  made.type = 'button';
  made.dataset['cursor'] = cursor;
  made.title = `Show the map right after r${revision.toLocaleString('en')}`;
  if (cursor === options.at) made.setAttribute('aria-current', 'true');
  made.append(options.content);
  made.addEventListener('click', options.onGo);
  return made;
}

/** Replaces the rows of a list. Whoever has the focus on a commit keeps it. */
export function replaceRows(list: HTMLElement, rows: readonly HTMLElement[]): void {
  const { activeElement } = document;
  const cursor =
    activeElement instanceof HTMLElement && list.contains(activeElement)
      ? activeElement.dataset['cursor']
      : undefined;
  list.replaceChildren(...rows);
  if (cursor !== undefined)
    list.querySelector<HTMLElement>(`[data-cursor="${cursor}"]`)?.focus({ preventScroll: true });
}
