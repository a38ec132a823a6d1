interface Maps {
  readonly compositors: ReadonlyMap<string, unknown>;
  readonly tiles: ReadonlyMap<string, unknown>;
}

interface Objects {
  readonly compositors: Readonly<Record<string, unknown>>;
  readonly tiles: Readonly<Record<string, unknown>>;
}

/** In what a reader's copy and a manifest (the body of `GET /manifest`) differ, a line each; empty when they are equal. */
export function differences(copy: Maps, manifest: Objects): string[] {
  const lines: string[] = [];
  for (const part of ['compositors', 'tiles'] as const) {
    const theirs = new Map(Object.entries(manifest[part]));
    for (const key of new Set([...copy[part].keys(), ...theirs.keys()])) {
      const [mine, right] = [copy[part], theirs].map((map) =>
        map.has(key) ? JSON.stringify(map.get(key)) : 'nothing',
      );
      if (mine !== right) lines.push(`${part} ${key}: has ${mine}, not ${right}`);
    }
  }
  return lines;
}
