/** What a replica that leaves tells the others: whose claims, and which. */
export interface Freed {
  readonly holder: string;
  readonly ids: readonly string[];
}

/** Undefined for what says no such thing: anybody may write where replicas are read. */
export function freedIn(message: unknown): Freed | undefined {
  const { holder, ids } = (message ?? {}) as Partial<Record<string, unknown>>;
  if (typeof holder !== 'string' || !Array.isArray(ids)) return undefined;
  return ids.every((id) => typeof id === 'string') ? { holder, ids } : undefined;
}
