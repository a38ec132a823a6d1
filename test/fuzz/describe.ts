import type { FuzzCase } from './cases.ts';
import type { Stall } from './inside-daemon.ts';
import type { FuzzRequest } from './requests.ts';

/** Requests of a case that are printed. */
const SHOWN = 20;

/** A case for whoever reads of its fault. */
export function describeCase(number: number, { requests, delivery }: FuzzCase): string {
  const lines = requests.slice(0, SHOWN).map((request) => `    ${describeRequest(request)}`);
  if (requests.length > SHOWN) lines.push(`    and ${requests.length - SHOWN} more`);
  return [`  case ${number} (--only ${number}), sent ${JSON.stringify(delivery)}:`, ...lines].join('\n');
}

function describeRequest({
  operation,
  method,
  target,
  version,
  headers,
  body,
  framing,
}: FuzzRequest): string {
  const text = [
    `${method} ${target} ${version}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ].join('\r\n');
  const payload = body && (body.large ?? body.bytes);
  const sent = payload === undefined ? '' : ` and as body (${framing}) ${quoted(payload)}`;
  return `${operation}: ${quoted(text)}${sent}`;
}

function quoted(text: string): string {
  return text.length <= 300
    ? JSON.stringify(text)
    : `${JSON.stringify(text.slice(0, 300))} and ${text.length - 300} bytes more`;
}

/** Milliseconds of a stall that the daemon itself is to blame for: what it waited for a processor is not. */
export function lengthOf(stall: Stall | undefined): number {
  return stall ? Math.min(stall.ms, stall.computed) : 0;
}

export function describeStall({ ms, computed, requests }: Stall): string {
  const shown = requests.length > 5 ? [...requests.slice(0, 5), `and ${requests.length - 5} more`] : requests;
  return `${Math.round(ms)} ms without a turn of the event loop (${Math.round(computed)} ms computed) around ${shown.join(', ')}`;
}
