/** The window, which fires `online`; in Node it has no listeners. */
const page = globalThis as Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>>;

/** Waits `ms`, or until the browser says that the network is back, or until `end` is called. */
export function pause(ms: number): { readonly over: Promise<void>; readonly end: () => void } {
  let end: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    const timer = setTimeout(() => end(), ms);
    end = () => {
      clearTimeout(timer);
      page.removeEventListener?.('online', end);
      resolve();
    };
    page.addEventListener?.('online', end);
  });
  return { over, end };
}
