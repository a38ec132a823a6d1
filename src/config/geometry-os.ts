import { join } from 'node:path';
import { isLoopback } from '../domain/loopback.ts';
import type { Settings } from './config.ts';
import type { SocketAddress } from './formats.ts';
import type { Problem } from './raw-config.ts';
import { tryReadFile, type ReadFile } from './read-file.ts';

/** Where InfiniteMap connects by default. Geometry OS's Rust compositor listens there, too: whoever comes first has it. */
const ITS_SOCKET: SocketAddress = { host: '127.0.0.1', port: 8765, mayBeTaken: true };

/** Geometry OS's folder `systems`; undefined when the setting names none. */
export function systemsOf(value: string | undefined): string | undefined {
  return value === undefined || value === 'on' || value === 'off' ? undefined : value;
}

/** The file that all programs of Geometry OS share. */
export function fileIn(systems: string): string {
  return join(systems, 'builder/map/manifest.json');
}

/** What follows from the folder of Geometry OS for settings that nobody gave. Their origin is then that of the folder. */
export function withSystems(settings: Settings, origins: Map<string, string>): Settings {
  const systems = systemsOf(settings.geometryOs);
  if (systems === undefined) return settings;
  const follows = (path: string) => {
    if (origins.get(path) !== 'default') return false;
    origins.set(path, origins.get('geometryOs')!);
    return true;
  };
  return {
    ...settings,
    ...(follows('bricks.from') && { bricks: { ...settings.bricks, from: join(systems, 'builder') } }),
    ...(follows('manifestFile') && { manifestFile: fileIn(systems) }),
    ...(follows('legacySocket') && { legacySocket: ITS_SOCKET }),
  };
}

/** A folder that is not there is a typing error. What is in it may come later. */
export function checkSystems(
  { geometryOs: value }: Settings,
  origins: ReadonlyMap<string, string>,
  readFile: ReadFile,
): Problem[] {
  const systems = systemsOf(value);
  if (systems === undefined) return [];
  const read = tryReadFile(systems, readFile);
  if ('problem' in read && !read.missing) return [];
  const why = 'problem' in read ? 'there is no such folder' : 'it is no folder';
  return [{ where: origins.get('geometryOs')!, message: `geometryOs names ${systems}: ${why}` }];
}

/** Whether what Geometry OS requests is served: as the setting says, else where only this machine can connect. */
export function servesGeometryOs({ geometryOs, listen, legacySocket }: Settings): boolean {
  if (geometryOs !== undefined) return geometryOs !== 'off';
  return [listen, legacySocket].every((address) => !address || isLoopback(address.host));
}
