interface Maps {
  readonly compositors: ReadonlyMap<string, unknown>;
  readonly regions?: ReadonlyMap<string, unknown>;
  readonly tiles: ReadonlyMap<string, unknown>;
  readonly areas?: ReadonlyMap<string, unknown>;
}

interface Objects {
  readonly compositors: Readonly<Record<string, unknown>>;
  /** Absent: none. */
  readonly regions?: Readonly<Record<string, unknown>>;
  readonly tiles?: Readonly<Record<string, unknown>>;
  /** Of an overview, instead of tiles. */
  readonly areas?: Readonly<Record<string, unknown>>;
}

/** The differences between a reader's copy and a manifest (the body of `GET /manifest`), a line each; none when they are equal. */
export function differences(copy: Maps, manifest: Objects): string[] {
  const lines: string[] = [];
  for (const part of ['compositors', 'regions', 'tiles', 'areas'] as const) {
    const own = copy[part] ?? new Map<string, unknown>();
    const manifestEntries = new Map(Object.entries(manifest[part] ?? {}));
    for (const key of new Set([...own.keys(), ...manifestEntries.keys()])) {
      const [actual, expected] = [own, manifestEntries].map((map) =>
        map.has(key) ? JSON.stringify(map.get(key)) : 'nothing',
      );
      if (actual !== expected) lines.push(`${part} ${key}: has ${actual}, not ${expected}`);
    }
  }
  return lines;
}
