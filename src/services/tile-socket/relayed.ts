/** A message of a compositor, as replicas pass it on. */
export interface Relayed {
  readonly compositor: string;
  readonly message: { readonly type: string };
}

/** Undefined for what is none: anybody may write where replicas are read. */
export function relayedIn(news: unknown): Relayed | undefined {
  const { compositor, message } = (news ?? {}) as Partial<Record<string, unknown>>;
  const { type } = (message ?? {}) as Partial<Record<string, unknown>>;
  if (typeof compositor !== 'string' || typeof type !== 'string') return undefined;
  return { compositor, message: message as { type: string } };
}
