import { DomainError, ERROR_KINDS, type ErrorKind, type FieldError } from '../../domain/errors.ts';
import { MESSAGE_LIMIT } from '../../domain/peer-bus.ts';

/** What one replica sends another. */
export type Message = Ask | Cancel | Answer | Refusal | Deaf | News;

interface Ask {
  readonly kind: 'ask';
  /** Chosen by who asks; unique there. */
  readonly id: string;
  readonly from: string;
  readonly topic: string;
  readonly body?: unknown;
}

/** Who asked does not wait any more. */
interface Cancel {
  readonly kind: 'cancel';
  readonly id: string;
  readonly from: string;
}

interface Answer {
  readonly kind: 'answer';
  readonly id: string;
  readonly body?: unknown;
}

/** The handler threw. */
interface Refusal {
  readonly kind: 'refusal';
  readonly id: string;
  readonly body: Thrown;
}

/** Nobody handles that topic there. */
interface Deaf {
  readonly kind: 'deaf';
  readonly id: string;
}

interface News {
  readonly kind: 'news';
  readonly from: string;
  readonly topic: string;
  readonly body?: unknown;
}

/** An error on its way. */
export interface Thrown {
  readonly message: string;
  /** Of a DomainError. */
  readonly error?: ErrorKind;
  readonly errors?: FieldError[];
  readonly oldest?: string;
  readonly retryAfter?: number;
}

/** Bytes of a letter at most: its body and what is written around it. */
export const LETTER_LIMIT = MESSAGE_LIMIT + 4096;

/** Throws a DomainError `too-large` when its body is more than a message may be, and what JSON.stringify throws. */
export function encodeLetter(letter: Message): string {
  const { body, ...head } = letter as Message & { body?: unknown };
  const start = JSON.stringify(head);
  // A function or undefined has no JSON: it is left out, as inside an object.
  const text = JSON.stringify(body) as string | undefined;
  if (text === undefined) return start;
  if (Buffer.byteLength(text) > MESSAGE_LIMIT)
    throw new DomainError('too-large', `a message between replicas has at most ${MESSAGE_LIMIT} bytes`);
  return `${start.slice(0, -1)},"body":${text}}`;
}

/** Undefined for what is no letter: anybody may write where they are read. */
export function decodeLetter(text: string): Message | undefined {
  try {
    const letter = JSON.parse(text) as Partial<Record<string, unknown>> | null;
    if (typeof letter !== 'object' || letter === null) return undefined;
    const wanted = FIELDS[String(letter['kind'])];
    if (!wanted?.every((field) => typeof letter[field] === 'string')) return undefined;
    if (letter['kind'] === 'refusal' && !isThrown(letter['body'])) return undefined;
    return letter as unknown as Message;
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

function isThrown(body: unknown): body is Thrown {
  return typeof body === 'object' && body !== null && typeof (body as Partial<Thrown>).message === 'string';
}

export function encodeError(error: unknown): Thrown {
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

export function decodeError({ message, error, ...extras }: Thrown): Error {
  // A newer replica may know kinds that this one does not.
  return error !== undefined && ERROR_KINDS.includes(error)
    ? new DomainError(error, message, extras)
    : new Error(message);
}
