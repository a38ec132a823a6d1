import { ConnectorError } from '../../domain/connector.ts';
import { isObject } from '../../domain/json.ts';
import { HARMFUL } from '../../domain/printable.ts';

/** Characters. */
const LONGEST = 500;
/** Where an answer may say why a command failed. */
const FIELDS = ['error', 'message', 'detail'];
const BREAKS = new RegExp(`[\\s\\p{Cs}${HARMFUL}]+`, 'gu');

/** Why a command failed, in the words of the peer: one line of at most 500 characters; undefined when its answer has no words. */
export function reasonIn(answer: unknown): string | undefined {
  const said = isObject(answer)
    ? FIELDS.map((field) => answer[field]).find((each) => typeof each === 'string')
    : answer;
  if (typeof said !== 'string') return undefined;
  const line = said
    .slice(0, 2 * LONGEST)
    .replace(BREAKS, ' ')
    .trim();
  if (line.length <= LONGEST) return line === '' ? undefined : line;
  // Not in the middle of a character.
  return `${line.slice(0, LONGEST - 1).replace(/\p{Cs}$/u, '')}…`;
}

/** The error for a command that failed as the peer says; `answer`: what it says of it. */
export function commandFailed(answer: unknown): ConnectorError {
  return new ConnectorError('failed', 'it says that the command failed', {
    answer,
    reason: reasonIn(answer),
  });
}
