import type { Compositor } from '../../src/client/client.ts';
import type { AgeOf } from '../page/age.ts';
import type { Palette } from '../colours/palette.ts';
import type { DisplayState } from '../map/display-state.ts';
import type { Rectangle } from '../map/rectangle.ts';
import type { Scene } from '../map/scene.ts';
import type { Attention } from './attention.ts';
import type { CommandRunner } from './command-runner.ts';
import type { DetailsApi } from './details-api.ts';
import type { Selected } from './selection.ts';
import type { Statistics } from './statistics.ts';

/** What the panel for what is open works with. */
export interface DetailsContext {
  readonly api: DetailsApi;
  readonly palette: Palette;
  readonly scene: Scene;
  readonly display: DisplayState;
  readonly statistics: Statistics;
  readonly commands: CommandRunner;
  readonly attention: Attention;
  /** The daemon's clock, milliseconds since 1970. */
  readonly now: () => number;
  /** How long ago a time was: now, or at the moment that is shown. */
  readonly ageOf: AgeOf;
  /** The moment of the past that the page shows, a cursor; undefined: it is live. */
  readonly at: () => string | undefined;
  /** The page's address with a cell in the middle, for others to see what is seen here now; and the daemon's own. */
  readonly linkTo: (x: number, y: number) => string;
  readonly daemonUrl: string;
  /** Fetches the picture of a brick; undefined: there are none. */
  readonly loadPicture: ((brick: string, timestamp: number) => Promise<CanvasImageSource>) | undefined;
  /** Opens something else in the panel. */
  readonly open: (selected: Selected) => void;
  readonly goTo: (rect: Rectangle) => void;
  readonly goToCompositor: (id: string) => void;
  /** Shows the map right after this commit, where `where` is seen; Back leads back. */
  readonly travel: (cursor: string, where: Rectangle | undefined) => void;
  readonly announce: (text: string) => void;
}

/** A compositor's name; its id where nothing is known of it. */
export function nameIn(compositors: ReadonlyMap<string, Compositor>, id: string): string {
  return compositors.get(id)?.name ?? id;
}
