import { once } from 'node:events';
import { SystemClock } from '../../adapters/system-clock.ts';
import { CommandError } from '../command.ts';
import { Watcher } from '../watch/watcher.ts';
import { parseId, type Call, type Verb } from './verb.ts';

export const watchVerb: Verb = {
  name: 'watch',
  usage: '[id] [count=N]',
  summary: 'Shows changes until Enter or Ctrl-C, or until there were N.',
  takesId: true,
  minWords: 0,
  maxWords: 2,
  run: async ({ context, words, signal }: Call) => {
    const count = parseCount(words.find((word) => word.startsWith('count=')));
    const id = words.find((word) => !word.startsWith('count=')) ?? context.selected;
    // Without a count, a script would never end.
    if (count === Infinity && !context.interactive)
      throw new CommandError('in a script, watch needs count=N');
    const { url, token } = context.daemon;
    const enough = new AbortController();
    const end = () => enough.abort();
    let left = count;
    const watcher = new Watcher({
      url,
      token,
      ...(id !== undefined && { compositors: [parseId(id)] }),
      onChange: ({ kind, text }) => {
        // `onConnectionChange` reports a bye.
        if (left <= 0 || kind === 'bye') return;
        context.print(text);
        if (--left === 0) end();
      },
      clock: new SystemClock(),
      onConnectionChange: (state) => !enough.signal.aborted && context.print(`stream ${state}`),
    });
    signal.addEventListener('abort', end);
    watcher.start();
    try {
      if (context.interactive) await context.waitForKey(enough.signal);
      else if (!enough.signal.aborted) await once(enough.signal, 'abort');
    } finally {
      end();
      signal.removeEventListener('abort', end);
      await watcher.stop();
    }
  },
};

function parseCount(text: string | undefined): number {
  if (text === undefined) return Infinity;
  const count = Number(text.slice('count='.length));
  if (!Number.isSafeInteger(count) || count < 1)
    throw new CommandError('count= must be a whole number above 0');
  return count;
}
