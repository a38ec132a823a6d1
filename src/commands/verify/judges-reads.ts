import type { Evidence } from './evidence.ts';
import { counted, ruled, type Verdict } from './verdict.ts';

export function judgeNewer({ newer }: Evidence): Verdict {
  const against: string[] = [];
  for (const { status, code, cursor, shown, n, writer, wrote, read, asked } of newer) {
    const what = `after write ${n} of ${writer} at ${wrote}, ${read} asked for atLeast=${asked}`;
    if (status === 200) {
      if (Number.parseInt(cursor, 10) < Number.parseInt(asked, 10))
        against.push(`${what} answered ${cursor}`);
      else if (shown === undefined || shown < n)
        against.push(`${what} showed ${shown === undefined ? 'a torn write' : `write ${shown}`}`);
    } else if (status === 410) {
      against.push(`${what} does not know that commit (410): do they share a store?`);
    } else if (status !== 0 && status < 502) {
      against.push(`${what} answered ${status} ${code ?? ''}`);
    }
  }
  const read = newer.filter(({ status }) => status === 200).length;
  const late = newer.filter(({ code }) => code === 'not-yet').length;
  const basis = `${counted(read, 'read')} right after a write, ${late} answered not-yet`;
  return ruled(
    against,
    basis,
    read,
    newer.length > 0 ? 'no such read was answered' : 'there was no such read',
  );
}

export function judgeTravel({ travels }: Evidence): Verdict {
  const against = travels.flatMap(({ url, cursor, status, differences }) =>
    status === 200 ? differences.map((line) => `${url} at ${cursor}: ${line}`) : [],
  );
  for (const { url, cursor, status } of travels)
    if (![0, 200, 410].includes(status) && status < 502)
      against.push(`${url} at ${cursor} answered ${status}`);
  const read = travels.filter(({ status }) => status === 200).length;
  const gone = travels.filter(({ status }) => status === 410).length;
  const basis = `${counted(read, 'moment')} of the past, ${gone} out of the history already`;
  return ruled(against, basis, read, 'no moment of the past could be read');
}

export function judgeConditional({ conditionals }: Evidence): Verdict {
  const against: string[] = [];
  const answered = conditionals.filter(({ status }) => status === 200 || status === 304);
  for (const { url, what, changed, immutable, sent, status, etag } of answered) {
    const said = `${what} of ${url}, If-None-Match ${sent}`;
    if (etag === null) against.push(`${said}: ${status} without an ETag`);
    else if (status === 304 && changed) against.push(`${said}: 304, though it had changed`);
    else if (status === 304 && weak(etag) !== weak(sent)) against.push(`${said}: 304 with ${etag}`);
    else if (status === 200 && weak(etag) === weak(sent)) against.push(`${said}: 200 with the same ETag`);
    else if (status === 200 && immutable) against.push(`${said}: 200, though it cannot change`);
  }
  return ruled(against, counted(answered.length, 'conditional GET'), answered.length, 'none was answered');
}

/** Proxies weaken tags; they are compared weakly. */
function weak(etag: string): string {
  return etag.replace(/^W\//, '');
}

export function judgeRefusals({ refusals }: Evidence): Verdict {
  const answered = refusals.filter(({ status }) => status !== 0 && status < 502);
  const against = answered.flatMap(({ url, what, wanted, status, code, fields, effect }) => {
    const said = `${what} at ${url} was answered ${status} ${code ?? 'without a problem'}`;
    if (effect !== '') return [`${said}, and ${effect}`];
    if (status !== wanted.status || code !== wanted.code)
      return [`${said}, not ${wanted.status} ${wanted.code}`];
    const named = wanted.field === undefined || fields.includes(wanted.field);
    return named ? [] : [`${said}, which does not name ${wanted.field}`];
  });
  return ruled(against, counted(answered.length, 'bad request'), answered.length, 'none was answered');
}
