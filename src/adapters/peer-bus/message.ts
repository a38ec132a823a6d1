import { DomainError, ERROR_KINDS, type ErrorKind, type FieldError } from '../../domain/errors.ts';
import { MESSAGE_LIMIT } from '../../domain/peer-bus.ts';

/** What one replica sends another. Daemons of several versions share a bus, so each `kind` stays as it is. */
export type Message =
  RequestMessage | CancelMessage | AnswerMessage | ErrorMessage | NoHandlerMessage | PublishedMessage;

interface RequestMessage {
  readonly kind: 'ask';
  /** Chosen by the replica that asks; unique there. */
  readonly id: string;
  readonly from: string;
  readonly topic: string;
  readonly body?: unknown;
}

/** The replica that asked waits no longer. */
interface CancelMessage {
  readonly kind: 'cancel';
  readonly id: string;
  readonly from: string;
}

interface AnswerMessage {
  readonly kind: 'answer';
  readonly id: string;
  readonly body?: unknown;
}

/** The handler threw. */
interface ErrorMessage {
  readonly kind: 'refusal';
  readonly id: string;
  readonly body: EncodedError;
}

/** That replica has no handler for the topic. */
interface NoHandlerMessage {
  readonly kind: 'deaf';
  readonly id: string;
}

interface PublishedMessage {
  readonly kind: 'news';
  readonly from: string;
  readonly topic: string;
  readonly body?: unknown;
}

/** An error as JSON. */
export interface EncodedError {
  readonly message: string;
  /** This and what follows: only of a DomainError. */
  readonly error?: ErrorKind;
  readonly errors?: FieldError[];
  readonly oldest?: string;
  readonly retryAfter?: number;
}

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
    if (message['kind'] === 'refusal' && !isThrown(message['body'])) return undefined;
    return message as unknown as Message;
  } catch {
    return undefined;
  }
}

const FIELDS: Readonly<Partial<Record<string, readonly string[]>>> = {
  ask: ['id', 'from', 'topic'],
  cancel: ['id', 'from'],
  answer: ['id'],
  refusal: ['id'],
  deaf: ['id'],
  news: ['from', 'topic'],
};

function isThrown(body: unknown): body is EncodedError {
  return (
    typeof body === 'object' && body !== null && typeof (body as Partial<EncodedError>).message === 'string'
  );
}

export function encodeError(error: unknown): EncodedError {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof DomainError)) return { message };
  const { kind, errors, oldest, retryAfter } = error;
  return {
    message,
    error: kind,
    ...(errors && { errors }),
    ...(oldest !== undefined && { oldest }),
    ...(retryAfter !== undefined && { retryAfter }),
  };
}

export function decodeError({ message, error, ...extras }: EncodedError): Error {
  // A newer replica may know kinds that this one does not.
  return error !== undefined && ERROR_KINDS.includes(error)
    ? new DomainError(error, message, extras)
    : new Error(message);
}
