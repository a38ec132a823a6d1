import { CommandError } from '../command.ts';
import { parseCount, Watcher } from '../watch/watcher.ts';
import { parseId, type Call, type Verb } from './verb.ts';

export const watchVerb: Verb = {
  name: 'watch',
  usage: '[id] [count=N]',
  summary: 'Shows changes until Enter or Ctrl-C, or until there were N.',
  run: async ({ context, words, signal }: Call) => {
    const count = parseCount(words.find((word) => word.startsWith('count='))?.slice('count='.length));
    if (count === undefined) throw new CommandError('count= must be a whole number above 0');
    const id = words.find((word) => !word.startsWith('count=')) ?? context.selected;
    // Without a count, a script would never end.
    if (count === Infinity && !context.interactive)
      throw new CommandError('in a script, watch needs count=N');
    const { url, token } = context.daemon;
    const stop = new AbortController();
    const end = () => stop.abort();
    const watcher = new Watcher({
      url,
      token,
      count,
      ...(id !== undefined && { compositors: [parseId(id)] }),
      onChange: ({ text }) => context.print(text),
      onConnectionChange: (state) => context.print(`stream ${state}`),
    });
    signal.addEventListener('abort', end);
    if (context.interactive) void context.waitForKey(stop.signal).then(end);
    await watcher.run(stop);
    signal.removeEventListener('abort', end);
  },
};
