import {
  DomainError,
  ERROR_KINDS,
  messageOf,
  type ErrorExtras,
  type ErrorKind,
} from '../../domain/errors.ts';
import { MESSAGE_LIMIT } from '../../domain/peer-bus.ts';

/**
 * What one replica sends another. `from` is the sender; it chooses the `id` of a request, and the answer repeats it.
 * Daemons of several versions share a bus, so each `kind` stays as it is.
 */
export type Message =
  | {
      readonly kind: 'ask';
      readonly id: string;
      readonly from: string;
      readonly topic: string;
      readonly body?: unknown;
    }
  /** The replica that asked waits no longer. */
  | { readonly kind: 'cancel'; readonly id: string; readonly from: string }
  | { readonly kind: 'answer'; readonly id: string; readonly body?: unknown }
  /** The handler threw. */
  | { readonly kind: 'refusal'; readonly id: string; readonly body: EncodedError }
  /** That replica has no handler for the topic. */
  | { readonly kind: 'deaf'; readonly id: string }
  /** To all replicas. */
  | { readonly kind: 'news'; readonly from: string; readonly topic: string; readonly body?: unknown };

/** An error as JSON; all but its message is only of a DomainError. */
export interface EncodedError extends Omit<ErrorExtras, 'cause'> {
  readonly message: string;
  readonly error?: ErrorKind;
}

/** The fields of each kind that must be text. */
const FIELDS: Readonly<Partial<Record<string, readonly string[]>>> = {
  ask: ['id', 'from', 'topic'],
  cancel: ['id', 'from'],
  answer: ['id'],
  refusal: ['id'],
  deaf: ['id'],
  news: ['from', 'topic'],
};

/** Throws a DomainError `too-large` when the body is over {@link MESSAGE_LIMIT}, and what JSON.stringify throws. */
export function encodeMessage(message: Message): string {
  const { body, ...head } = message as Message & { body?: unknown };
  const start = JSON.stringify(head);
  // A function or undefined has no JSON: it is left out, as inside an object.
  const text = JSON.stringify(body) as string | undefined;
  if (text === undefined) return start;
  if (Buffer.byteLength(text) > MESSAGE_LIMIT)
    throw new DomainError('too-large', `a message between replicas has at most ${MESSAGE_LIMIT} bytes`);
  return `${start.slice(0, -1)},"body":${text}}`;
}

/** Undefined for what is no message: anybody may write to the channel or socket it came from. */
export function decodeMessage(text: string): Message | undefined {
  try {
    const message = JSON.parse(text) as Partial<Record<string, unknown>> | null;
    if (typeof message !== 'object' || message === null) return undefined;
    const fields = FIELDS[String(message['kind'])];
    if (!fields?.every((field) => typeof message[field] === 'string')) return undefined;
    const body = message['body'] as Partial<EncodedError> | null | undefined;
    if (message['kind'] === 'refusal' && typeof body?.message !== 'string') return undefined;
    return message as unknown as Message;
  } catch {
    return undefined;
  }
}

export function encodeError(error: unknown): EncodedError {
  const message = messageOf(error);
  return error instanceof DomainError ? { message, error: error.kind, ...error.extras } : { message };
}

export function decodeError({ message, error, ...extras }: EncodedError): Error {
  // A newer replica may know kinds that this one does not.
  return error !== undefined && ERROR_KINDS.includes(error)
    ? new DomainError(error, message, extras)
    : new Error(message);
}
