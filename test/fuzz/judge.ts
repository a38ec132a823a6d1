import { constants, gunzipSync } from 'node:zlib';
import { checkFrame, wrongReply } from '../support/contract.ts';
import { decoded } from '../support/decoded.ts';
import type { FuzzCase } from './cases.ts';
import { isOutsideContract, operationAt, type Operation } from './operations.ts';
import type { Outcome } from './player.ts';
import type { RawReply } from './reply-reader.ts';
import { isLast, type FuzzRequest } from './requests.ts';

/** Problems of the connection itself, which any request may get. */
const ANY_REQUEST = new Set([400, 403, 404, 405, 408, 413, 421, 431]);

/** What is wrong with the outcome of a case, a line for each fault. */
export function faultsOf({ requests, delivery }: FuzzCase, outcome: Outcome): string[] {
  const { reader, sent } = outcome;
  const faults: string[] = [];
  // From the first on that is not HTTP, or after which nothing may come, which reply belongs to which request is a guess.
  const sure = requests.findIndex((each, i) => !each.wellFormed || (isLast(each) && i < requests.length - 1));
  if (reader.wrong !== undefined && delivery.how !== 'cut' && sure < 0) faults.push(reader.wrong);
  for (const [i, reply] of reader.replies.entries()) {
    const wrong = faultOf(requests[i], reply, sure < 0 || i < sure);
    if (wrong !== undefined) faults.push(`reply ${i + 1} (${reply.status}) ${wrong}: ${excerpt(reply)}`);
  }
  if (sure < 0 && reader.replies.length > requests.length)
    faults.push(`${requests.length} requests got ${reader.replies.length} replies`);
  if (outcome.late) faults.push(`no answer: ${reader.replies.length} replies to ${sent} requests`);
  if (sure < 0 && isUnanswered(outcome) && delivery.how !== 'half-closed')
    faults.push(`the daemon ended the connection after ${statusesOf(reader)} to ${sent} requests`);
  return faults;
}

function statusesOf({ replies }: Outcome['reader']): string {
  const statuses = replies.map(({ status, complete }) => `${status}${complete ? '' : ' in part'}`);
  return `${statuses.length} replies (${statuses.join(', ')})`;
}

/** The daemon ended the connection without a word about why. */
function isUnanswered({ reader, sent, endedByDaemon, reset }: Outcome): boolean {
  if (!endedByDaemon || reset || reader.replies.length >= sent) return false;
  return reader.replies.at(-1)?.headers.get('connection') !== 'close';
}

/** `sure`: the reply is that of the request. */
function faultOf(request: FuzzRequest | undefined, reply: RawReply, sure: boolean): string | undefined {
  const { status, headers, complete } = reply;
  // The compositor's own reply, whatever it is.
  if (/\bcompositord\b/.test(headers.get('via') ?? '')) return undefined;
  const operation = request && operationAt(request.method, request.target);
  if (status >= 500) return wrongFailure(reply, operation, request?.method === 'HEAD');
  if (!complete) return wrongStream(reply);
  const isPreflight = request?.method === 'OPTIONS' && status === 204;
  const isPage = request !== undefined && !operation && isOutsideContract(request.target);
  if (isPreflight || (isPage && status < 400)) return undefined;
  const problem = wrong(reply, request, undefined);
  // Of a request that is not HTTP only this is known: a success means that the daemon understood it.
  if (!request || !sure) return status < 400 ? undefined : problem;
  const found = operation && wrong(reply, request, operation);
  if (operation && found === undefined) return wrongKind(reply, operation);
  return ANY_REQUEST.has(status) && problem === undefined ? undefined : (found ?? problem);
}

/** A failure must be one that the contract names for the operation; a bug is never right. On a busy disk a write may be late. */
function wrongFailure(
  reply: RawReply,
  operation: Operation | undefined,
  isHead: boolean,
): string | undefined {
  const kinds = (operation?.problems.get(reply.status) ?? []).filter((kind) => kind !== 'internal');
  const isNamed = isHead ? kinds.length > 0 : kinds.includes(kindOf(reply));
  return isNamed ? undefined : 'is a failure that the contract does not name';
}

function wrongKind(reply: RawReply, operation: Operation): string | undefined {
  const kinds = operation.problems.get(reply.status) ?? [];
  if (kinds.length === 0 || reply.body.length === 0) return undefined;
  return kinds.includes(kindOf(reply)) ? undefined : `is not one of ${kinds.join(', ')}`;
}

function kindOf({ body }: RawReply): string {
  return /"type":"[^"]*\/problems\/([a-z-]+)"/.exec(body.toString())?.[1] ?? '';
}

function wrong(
  { status, headers, body }: RawReply,
  request: FuzzRequest | undefined,
  operation: Operation | undefined,
): string | undefined {
  try {
    return wrongReply({
      method: request?.method === 'HEAD' ? 'HEAD' : (operation?.method ?? request?.method ?? 'GET'),
      path: operation?.path,
      status,
      header: (name) => headers.get(name),
      body: body.length === 0 ? undefined : decoded(headers.get('content-encoding'), body).toString(),
    });
  } catch (error) {
    return `cannot be read: ${String(error)}`;
  }
}

/** A stream that we left in its middle: its whole events must be as promised. */
function wrongStream({ headers, body }: RawReply): string | undefined {
  if (!headers.get('content-type')?.startsWith('text/event-stream')) return undefined;
  const coded = headers.get('content-encoding') === 'gzip';
  // Each frame is whole when its bytes are here.
  const text = coded ? gunzipSync(body, { finishFlush: constants.Z_SYNC_FLUSH }) : body;
  const events = text.toString().split('\n\n').slice(0, -1);
  for (const event of events) {
    const name = /^event: (.*)$/m.exec(event)?.[1];
    const data = [...event.matchAll(/^data: (.*)$/gm)].map(([, line]) => line).join('\n');
    try {
      if (name !== undefined) checkFrame(name, data);
    } catch (error) {
      return `has a wrong event: ${String(error)}`;
    }
  }
  return undefined;
}

function excerpt({ headers, body }: RawReply): string {
  return `${headers.get('content-type') ?? 'no type'} ${JSON.stringify(body.subarray(0, 300).toString())}`;
}
