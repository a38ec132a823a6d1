import { Type } from '@sinclair/typebox';
import { seconds, textSetting } from './setting-types.ts';

/** Where traces and metrics go. */
export const telemetry = Type.Object({
  endpoint: Type.Optional(
    textSetting('an http(s) address without a query or a user, such as http://127.0.0.1:4318', isCollector, {
      placeholder: 'URL',
      description: 'A collector that takes traces and metrics by OTLP over HTTP. Absent: none are sent.',
    }),
  ),
  sample: Type.Number({
    minimum: 0,
    maximum: 1,
    expects: 'a number from 0 to 1',
    default: 1,
    placeholder: 'SHARE',
    description: 'Share of the traces that begin here; a request with `traceparent` follows its sender.',
  }),
  interval: seconds(1, 3600, {
    default: 15,
    description: 'Seconds between two times that metrics are sent to `telemetry.endpoint`.',
  }),
});

function isCollector(url: string): boolean {
  if (url.length > 2048 || /[\s\p{C}]/u.test(url) || !/^https?:\/\//.test(url) || !URL.canParse(url))
    return false;
  const { username, password, search, hash } = new URL(url);
  return `${username}${password}${search}${hash}` === '';
}
