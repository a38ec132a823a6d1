import type { Store } from '../../src/domain/store.ts';

/** Milliseconds within which a hint is expected; the real ones take a few, or one interval of half a second. */
const CEILING = 60_000;

/** Resolves when a hint came after which `act` left nothing `behind`; rejects at the ceiling. */
export async function waitForHint(
  store: Store,
  behind: () => boolean,
  act: () => Promise<void>,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let leave: () => void = () => undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(reject, CEILING, new Error('no hint came'));
      leave = store.follow(() => {
        act().then(() => {
          if (!behind()) resolve();
        }, reject);
      });
    });
  } finally {
    clearTimeout(timer);
    leave();
  }
}
