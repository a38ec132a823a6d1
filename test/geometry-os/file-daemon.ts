import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { eventually } from '../failures/eventually.ts';
import { build, type Built, type BuildOptions } from '../support/build.ts';

/** The file's tiles. */
export type TileJson = Record<string, { brick: string; timestamp: number }>;

/** A daemon, its file, and what both have. */
export async function fileWorld(t: Test, options: BuildOptions & { path?: string } = {}) {
  const path = options.path ?? join(t.testdir({ map: {} }), 'map', 'manifest.json');
  const built = await build(t, { ...options, settings: { manifestFile: path, ...options.settings } });
  const inFile = (): TileJson | undefined => {
    try {
      return JSON.parse(readFileSync(path, 'utf8')) as TileJson;
    } catch {
      return undefined;
    }
  };
  return { ...built, path, inFile, ...helpers(t, built, inFile) };
}

function helpers(t: Test, { inject }: Built, inFile: () => TileJson | undefined) {
  const inMap = async () => (await inject('/manifest/tiles')).json as TileJson;
  const health = async () =>
    (await inject('/health')).json as { status: string; manifestFile: { state: string; detail?: string } };
  return {
    inMap,
    health,
    state: async () => (await health()).manifestFile.state,
    register: (id: string) => inject({ method: 'PUT', url: `/compositors/${id}`, payload: { name: id } }),
    publish: (id: string, payload: object) =>
      inject({ method: 'PATCH', url: `/compositors/${id}/tiles`, payload }),
    /** Until both have exactly the tiles of these bricks. */
    haveBoth: async (bricks: Record<string, string>) => {
      const what = `file and map have ${JSON.stringify(bricks).slice(0, 100)}`;
      const isSo = async () => same(bricksOf(inFile()), bricks) && same(bricksOf(await inMap()), bricks);
      await eventually(isSo, what);
      t.pass(what);
    },
    untilState: (state: string) =>
      eventually(async () => (await health()).manifestFile.state === state, `the state is ${state}`),
  };
}

/** The bricks by cell. */
export function bricksOf(tiles: TileJson | undefined): Record<string, string> | undefined {
  return tiles && Object.fromEntries(Object.entries(tiles).map(([key, { brick }]) => [key, brick]));
}

function same(a: object | undefined, b: object): boolean {
  const sorted = (tiles: object) => JSON.stringify(Object.entries(tiles).sort());
  return a !== undefined && sorted(a) === sorted(b);
}
