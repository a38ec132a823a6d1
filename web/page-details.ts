import type { Rectangle } from './map/rectangle.ts';
import type { Model } from './model.ts';
import type { AgeOf } from './page/age.ts';
import type { Api } from './page/api.ts';
import type { Address } from './page/address.ts';
import type { DismissStack } from './page/dismiss.ts';
import { byId } from './page/dom.ts';
import { AttentionBar } from './panels/attention-bar.ts';
import { Attention } from './panels/attention.ts';
import { CommandRunner } from './panels/command-runner.ts';
import { DetailsApi } from './panels/details-api.ts';
import { Details } from './panels/details.ts';
import { Follower } from './panels/follower.ts';
import { frameOf, openView } from './panels/open-view.ts';
import { Selection } from './panels/selection.ts';
import type { Statistics } from './panels/statistics.ts';
import type { Navigation } from './plane/navigation.ts';
import { loadPicture } from './plane/picture-loader.ts';
import { pictureUrl } from './plane/pictures.ts';
import type { Plane } from './plane/plane.ts';
import { SelectionLayer } from './plane/selection-layer.ts';

export interface DetailsParts extends Pick<Model, 'palette' | 'scene' | 'display' | 'live'> {
  /** Milliseconds since 1970, by the daemon's clock: of now, or of the moment that is shown. */
  readonly clock: Pick<Model['clock'], 'now'>;
  readonly ageOf: AgeOf;
  readonly api: Api;
  readonly base: string;
  /** The addresses of pictures; empty: there are none. */
  readonly template: string;
  readonly plane: Plane;
  readonly navigation: Navigation;
  readonly statistics: Statistics;
  readonly dismiss: DismissStack;
  readonly announce: (text: string) => void;
  /** The moment of the past that the page shows, a cursor. */
  readonly at: () => string | undefined;
  readonly address: Pick<Address, 'step' | 'schedule' | 'linkTo'>;
  /** Shows this moment of the past. */
  readonly onTravel: (cursor: string) => void;
  /** Another compositor alone is shown, or all are again. */
  readonly onOnly: () => void;
  /** Something else is open. */
  readonly onOpen: () => void;
}

/** The section of the page for what is open: the panel, its frame on the map, and the compositor that stands out. */
export function buildDetails(parts: DetailsParts) {
  const { api, base, template, plane, navigation, palette, scene, display, live, clock, dismiss } = parts;
  const selection = new Selection();
  const attention = new Attention();
  const detailsApi = new DetailsApi(api);
  const context = {
    ...{ palette, scene, display, attention, statistics: parts.statistics, announce: parts.announce },
    api: detailsApi,
    commands: new CommandRunner(api),
    now: () => clock.now(),
    at: parts.at,
    ageOf: parts.ageOf,
    linkTo: (x: number, y: number) =>
      parts.address.linkTo({ x: x + 0.5, y: y + 0.5, zoom: plane.heading.zoom }),
    daemonUrl: location.origin + base,
    loadPicture:
      template === ''
        ? undefined
        : (brick: string, timestamp: number) => loadPicture(pictureUrl(template, brick, timestamp)),
    open: selection.step.bind(selection),
    goTo: (rect: Rectangle) => navigation.goTo(plane.cameraFor(rect, 96)),
    goToCompositor: (id: string) => void navigation.goToCompositor(id),
    travel: (cursor: string, where: Rectangle | undefined) =>
      parts.address.step(() => {
        parts.onTravel(cursor);
        if (where && !plane.isClear(where)) navigation.goTo(plane.cameraFor(where, 96));
      }),
  };
  const details = new Details({
    root: byId('details'),
    selection,
    dismiss,
    viewOf: (selected, heading) => openView(context, selected, heading),
  });
  const frame = new SelectionLayer({ frame: byId('frame') });
  const bar = new AttentionBar({
    root: byId('attention'),
    attention,
    compositors: () => display.compositors,
  });
  let follower: Follower | undefined;
  let shownAgain: (() => void) | undefined;

  selection.onChange = (isLinked) => {
    const { current } = selection;
    details.show(current);
    attention.open = current?.kind === 'compositor' ? current.id : undefined;
    parts.onOpen();
    const rect = frameOf(current, context);
    frame.select(rect);
    const camera = rect && plane.cameraShowing(rect);
    if (camera && !isLinked) navigation.goTo(camera);
    // A small screen may cover what the link has in the middle.
    else if (camera && plane.isOnScreen(rect))
      navigation.followLink(plane.cameraFor(rect, plane.heading.zoom));
    parts.address.schedule();
  };
  attention.onChange = () => {
    const { followed: id, only } = attention;
    // Escape leads back from one to all.
    if (only !== undefined) shownAgain ??= dismiss.opened(() => attention.showAll());
    else {
      shownAgain?.();
      shownAgain = undefined;
    }
    palette.light(attention.lit);
    live.only = only;
    parts.onOnly();
    scene.repaint();
    bar.write();
    details.update();
    if (id === follower?.id) return;
    follower?.close();
    const { cursor } = live;
    follower =
      id === undefined || cursor === undefined
        ? undefined
        : new Follower({
            ...{ id, cursor, api: detailsApi },
            onChange: (where) => navigation.goTo(plane.cameraAt(where)),
          });
  };
  // Whoever moves the map wants to see something else.
  for (const event of ['pointerdown', 'wheel'])
    byId('plane').addEventListener(event, () => attention.stopFollowing());
  const isOpen = (x: number, y: number) => {
    const rect = frameOf(selection.current, context);
    return selection.current?.kind !== 'region' && rect?.x1 === x && rect.y1 === y;
  };
  return { selection, attention, frame, isOpen };
}
