import type { IncomingMessage } from 'node:http';
import { ConnectorError, type Command } from '../../domain/connector.ts';
import { isObject, isShallow, parseJson } from '../../domain/json.ts';
import { parseBounded } from './bounded-json.ts';
import { commandFailed, reasonIn } from './failure-reason.ts';

/** The most characters of a path in an error. */
const LONGEST_PATH = 100;

/** What a compositor answers to a command over HTTP: any JSON value. Throws a ConnectorError, `failed` or `bad-answer`. */
export function answerOf(command: Command, reply: IncomingMessage, text: string): unknown {
  const { statusCode = 0, headers } = reply;
  const { call } = command;
  const plain = /^text\/plain\b/.test(headers['content-type'] ?? '') ? text : undefined;
  if (!isSuccess(statusCode)) {
    const { method, path } = call ?? { method: 'POST', path: '/commands' };
    const json = parseJson(text);
    const answer = json === undefined ? plain : json;
    const brief = path.split('?', 1)[0]!.slice(0, LONGEST_PATH);
    throw statusError(
      `${method} ${brief} answered ${statusCode}`,
      statusCode,
      isShallow(answer) ? answer : undefined,
    );
  }
  if (headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity')
    throw new ConnectorError('bad-answer', 'its answer is compressed, which the daemon did not ask for');
  if (text === '') return null;
  if (!call) return parseBounded(text, 'its answer');
  const answer =
    plain !== undefined && parseJson(plain) === undefined ? plain : parseBounded(text, 'its answer');
  // Programs with an API of their own say so under a status of 200, too.
  if (isObject(answer) && answer['success'] === false) throw commandFailed(answer);
  return answer;
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** The error for a status that is no success; `answer`: what the body says. */
export function statusError(summary: string, status: number, answer?: unknown): ConnectorError {
  if (status >= 300 && status < 400)
    return new ConnectorError('bad-answer', `${summary}: redirects are not followed`);
  const said = reasonIn(answer);
  const reason = said === undefined ? undefined : `${summary}: ${said}`;
  return new ConnectorError('failed', summary, { answer, reason });
}
