// The hook for React 18 and newer: `compositord-client/react`.
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import type { ConnectOptions } from './connect.ts';
import { ManifestStore, NOTHING, type Manifest } from './manifest-store.ts';

export type { ConnectOptions } from './connect.ts';
export type { Area, Compositor, Region, Tile } from './entries.ts';
export type { Manifest } from './manifest-store.ts';

/**
 * A live copy of the manifest, or of a part of it. It connects when the component is mounted and closes when it goes. Another `view` or `zoom`
 * moves the same stream, and a function for `token` may be another one at each render; any other change of the daemon, the compositors or the
 * token connects anew. On a server it is empty, and connects to nothing.
 */
export function useManifest(options: ConnectOptions): Manifest {
  const store = useMemo(() => new ManifestStore(options), [ManifestStore.keyOf(options)]);
  useEffect(() => store.update(options));
  return useSyncExternalStore(store.subscribe, store.get, () => NOTHING);
}
