import { once } from 'node:events';
import { Watcher } from '../watch/watcher.ts';
import { idOf } from './meant.ts';
import { Trouble } from './trouble.ts';
import type { Call, Verb } from './verb.ts';

export const watchVerb: Verb = {
  name: 'watch',
  usage: '[id] [count=N]',
  summary: 'Shows what changes, until Enter or Ctrl-C, or until there were N changes.',
  takesId: true,
  least: 0,
  most: 2,
  run: async ({ desk, words, signal }: Call) => {
    const texts = words.map(({ text }) => text);
    const count = countOf(texts.find((text) => text.startsWith('count=')));
    const id = texts.find((text) => !text.startsWith('count=')) ?? desk.selected;
    // A script could never end it.
    if (count === Infinity && !desk.interactive) throw new Trouble('in a script, watch needs count=N');
    const { url, token } = desk.daemon;
    const enough = new AbortController();
    const end = () => enough.abort();
    let left = count;
    const watcher = new Watcher({
      url,
      token,
      ...(id !== undefined && { compositors: [idOf(id)] }),
      onChange: ({ kind, words: text }) => {
        // A bye is told by the connection.
        if (left <= 0 || kind === 'bye') return;
        desk.print(text);
        if (--left === 0) end();
      },
      onLink: (state) => !enough.signal.aborted && desk.print(`stream ${state}`),
    });
    signal.addEventListener('abort', end);
    watcher.start();
    try {
      if (desk.interactive) await desk.pressed(enough.signal);
      else if (!enough.signal.aborted) await once(enough.signal, 'abort');
    } finally {
      end();
      signal.removeEventListener('abort', end);
      await watcher.stop();
    }
  },
};

function countOf(text: string | undefined): number {
  if (text === undefined) return Infinity;
  const count = Number(text.slice('count='.length));
  if (!Number.isSafeInteger(count) || count < 1) throw new Trouble('count= must be a whole number above 0');
  return count;
}
