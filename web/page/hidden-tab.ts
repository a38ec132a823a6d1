import type { LiveMap } from '../map/live-map.ts';

/** Who looks at another tab for a moment finds this one as it was. In milliseconds. */
const GRACE = 5000;

/** Lets the map sleep while its tab is hidden. */
export function sleepWhileHidden(live: LiveMap): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(() => live.sleep(), GRACE);
    else live.wake();
  };
  document.addEventListener('visibilitychange', look);
  look();
}
