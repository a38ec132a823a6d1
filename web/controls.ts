import { byId } from './dom.ts';
import type { Navigation } from './navigation.ts';
import type { Plane } from './plane.ts';
import type { Search } from './search.ts';
import type { ThemeSwitch } from './theme-switch.ts';
import type { Timeline } from './timeline.ts';

/** One step, as a share of the screen. */
const PAN = 0.15;

/** Keyboard and buttons: arrows pan (further with Shift), plus and minus zoom. */
export function bindControls(parts: {
  plane: Plane;
  navigation: Navigation;
  search: Search;
  timeline: Timeline;
  themes: ThemeSwitch;
}): void {
  const { plane, navigation, search, timeline, themes } = parts;
  const actions: Record<string, (event: KeyboardEvent) => void> = {
    ArrowLeft: ({ shiftKey }) => plane.pan(shiftKey ? -PAN * 4 : -PAN, 0),
    ArrowRight: ({ shiftKey }) => plane.pan(shiftKey ? PAN * 4 : PAN, 0),
    ArrowUp: ({ shiftKey }) => plane.pan(0, shiftKey ? -PAN * 4 : -PAN),
    ArrowDown: ({ shiftKey }) => plane.pan(0, shiftKey ? PAN * 4 : PAN),
    '+': () => plane.zoomBy(1.5),
    '=': () => plane.zoomBy(1.5),
    '-': () => plane.zoomBy(1 / 1.5),
    Home: () => void navigation.showEverything(),
    f: () => void navigation.showEverything(),
    '/': () => search.focus(),
    l: () => timeline.live(),
    t: () => themes.toggle(),
  };
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    // Inputs and dialogs use the keys themselves.
    if (
      event.target instanceof Element &&
      event.target.closest('input, textarea, select, dialog, [role=listbox]')
    )
      return;
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    navigation.stop();
    action(event);
  });
  for (const event of ['pointerdown', 'wheel'])
    byId('plane').addEventListener(event, () => navigation.stop());
  byId('zoom-in').addEventListener('click', () => plane.zoomBy(1.8));
  byId('zoom-out').addEventListener('click', () => plane.zoomBy(1 / 1.8));
  byId('fit').addEventListener('click', () => void navigation.showEverything());
  byId('fold').addEventListener('click', () => {
    const folded = byId('panel').classList.toggle('folded');
    byId('fold').setAttribute('aria-expanded', String(!folded));
    byId('fold').setAttribute('aria-label', folded ? 'Show the panel' : 'Hide the panel');
  });
}
