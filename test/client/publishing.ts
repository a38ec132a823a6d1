import { once } from 'node:events';
import type { Test } from 'tap';
import { WebSocket } from 'ws';
import { publish, type Publication, type PublishOptions } from '../../src/client/publish.ts';

/** A compositor made with the client, closed when `t` ends. */
export function published(t: Test, url: string, options: Partial<PublishOptions> = {}): Publication {
  const publication = publish({ url, id: 'wall', WebSocket, maxRetry: 200, ...options });
  t.teardown(() => publication.close());
  return publication;
}

/** Resolves when it is in that state. */
export async function reaches(publication: Publication, state: Publication['state']): Promise<void> {
  if (publication.state === state) return;
  const changed = new EventTarget();
  const stop = publication.on('state', (now) => now === state && changed.dispatchEvent(new Event('reached')));
  await once(changed, 'reached');
  stop();
}
