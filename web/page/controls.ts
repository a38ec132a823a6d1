import type { DismissStack } from './dismiss.ts';
import type { Navigation } from '../plane/navigation.ts';
import type { Plane } from '../plane/plane.ts';
import type { TileCursor } from '../plane/tile-cursor.ts';
import type { Toast } from '../panels/toast.ts';
import { bindLinkButton } from '../panels/link-button.ts';
import type { Address } from './address.ts';
import type { KeysHelp } from '../panels/keys-help.ts';
import type { Search } from '../panels/search.ts';
import type { ThemeSwitch } from '../panels/theme-switch.ts';
import type { Past } from '../past/past.ts';
import type { Direction } from '../map/next-tile.ts';
import { byId, elementOf } from './dom.ts';
import { bindKeys, type Binding } from './keys.ts';

/** One step, as a share of the screen. */
const PAN = 0.15;
/** With Shift. */
const LONG_PAN = 0.6;

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowLeft: { dx: -1, dy: 0 },
  ArrowRight: { dx: 1, dy: 0 },
  ArrowUp: { dx: 0, dy: -1 },
  ArrowDown: { dx: 0, dy: 1 },
};

export interface Controls {
  readonly plane: Plane;
  readonly navigation: Navigation;
  readonly tileCursor: TileCursor;
  readonly search: Search;
  readonly past: Past;
  readonly themes: ThemeSwitch;
  readonly keysHelp: KeysHelp;
  readonly dismiss: DismissStack;
  readonly address: Pick<Address, 'linkTo'>;
  readonly toast: Toast;
}

/** Keyboard and buttons. */
export function bindControls(controls: Controls): void {
  const { plane, navigation, keysHelp, address, toast } = controls;
  const bindings = bindingsOf(controls);
  bindKeys(bindings, () => navigation.stop());
  byId('keys-open').addEventListener('click', () => keysHelp.show(bindings));
  for (const event of ['pointerdown', 'wheel'])
    byId('plane').addEventListener(event, () => navigation.stop());
  byId('zoom-in').addEventListener('click', () => plane.zoomBy(1.8));
  byId('zoom-out').addEventListener('click', () => plane.zoomBy(1 / 1.8));
  byId('fit').addEventListener('click', () => void navigation.showEverything());
  bindLinkButton({
    button: elementOf('link', HTMLButtonElement),
    dialog: elementOf('link-dialog', HTMLDialogElement),
    field: elementOf('link-text', HTMLInputElement),
    close: byId('link-close'),
    linkOf: () => address.linkTo(),
    say: (text) => toast.show(text, 3),
  });
}

function bindingsOf(controls: Controls): Binding[] {
  const { plane, navigation, tileCursor, search, past, themes, keysHelp, dismiss } = controls;
  const { timeline } = past;
  const step = ({ key, shiftKey }: KeyboardEvent) => {
    const direction = ARROWS[key]!;
    if (!shiftKey && tileCursor.move(direction)) return;
    const far = shiftKey ? LONG_PAN : PAN;
    plane.pan(direction.dx * far, direction.dy * far);
  };
  const bindings: Binding[] = [
    {
      keys: Object.keys(ARROWS),
      shown: ['←', '↑', '→', '↓'],
      help: 'Go to the next tile; zoomed out, move the map. With Shift: move the map far',
      run: step,
    },
    // The map opens it: with the focus elsewhere Enter presses a button.
    { keys: [], shown: ['Enter'], help: 'Open the tile, or what is in the middle', run: () => undefined },
    { keys: ['+', '='], shown: ['+'], help: 'Zoom in', run: () => plane.zoomBy(1.5) },
    { keys: ['-'], shown: ['-'], help: 'Zoom out', run: () => plane.zoomBy(1 / 1.5) },
    {
      keys: ['f', 'Home'],
      shown: ['F', 'Home'],
      help: 'Show everything',
      run: () => void navigation.showEverything(),
    },
    {
      keys: ['/'],
      shown: ['/'],
      help: 'Find a brick, a compositor or a cell',
      run: () => search.focus(),
    },
    { keys: [','], shown: [','], help: 'One commit back in time', run: () => void timeline.step(-1) },
    { keys: ['.'], shown: ['.'], help: 'One commit on', run: () => void timeline.step(1) },
    { keys: ['p'], shown: ['P'], help: 'Play the history, or stop', run: () => timeline.toggle() },
    {
      keys: ['c'],
      shown: ['C'],
      help: 'Compare this moment with others',
      run: () => past.comparison.toggle(),
    },
    { keys: ['l'], shown: ['L'], help: 'Return to the live map', run: () => timeline.live() },
    {
      keys: ['Escape'],
      shown: ['Esc'],
      help: 'Close what is open, then return to the live map',
      run: () => dismiss.dismiss() || timeline.live(),
    },
    { keys: ['t'], shown: ['T'], help: 'Change between dark and light', run: () => themes.toggle() },
    { keys: ['?'], shown: ['?'], help: 'List these keys', run: () => keysHelp.show(bindings) },
  ];
  return bindings;
}
