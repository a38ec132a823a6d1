import { isLoopback } from '../domain/loopback.ts';
import type { Settings } from './config.ts';
import type { Problem } from './problem.ts';

/** Beyond loopback somebody has to say who may write: nothing is opened to a network by saying nothing. */
export function openDoor(settings: Settings, origins: ReadonlyMap<string, string>): Problem[] {
  if (origins.get('auth') !== 'default') return [];
  return (['listen', 'legacySocket'] as const).flatMap((path) => {
    const { [path]: address } = settings as Partial<Settings>;
    // What is there and wrong is told of already.
    if (!address || isLoopback(address.host)) return [];
    return [
      {
        where: origins.get(path)!,
        message: `others can reach ${address.host}:${address.port}, and auth does not say who may write: list tokens (compositord token makes one), or let everybody in with auth: open`,
      },
    ];
  });
}
