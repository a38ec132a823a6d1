import t from 'tap';
import { shareOfWorker } from '../../src/config/share-of-worker.ts';
import { configOf, problemsOf } from './table.ts';

const settingsOf = (yaml: string) => configOf({ files: { 'compositord.yaml': yaml } }).config.settings;

t.test('limits that each process counts are shared out, rounded up; nothing else changes', async (t) => {
  const settings = settingsOf('daemon: { workers: 4, limits: { connections: 10, bodies: 4 MiB } }');
  const share = shareOfWorker(settings, 4);
  t.match(share, {
    stream: { maxReaders: 3750 },
    limits: { requests: 1250, polls: 2500, connections: 3, bodies: 4 * 2 ** 20 },
    connect: { perTarget: 64 },
  });
  t.equal(share.limits.streams, undefined, 'its default follows stream.maxReaders');
  t.strictSame(
    { ...share, limits: settings.limits, stream: settings.stream, connect: settings.connect },
    settings,
  );
  t.equal(shareOfWorker(settingsOf('daemon: { limits.streams: 2 }'), 4).limits.streams, 1);
});

t.test('workers is auto, or a number from 1 to 64', async (t) => {
  for (const [text, value] of [
    ['auto', 'auto'],
    ['3', 3],
    ['"64"', 64],
  ] as const)
    t.equal(settingsOf(`daemon: { workers: ${text} }`).workers, value);
  t.equal(settingsOf('{}').workers, 1);
  for (const text of ['0', '65', '1.5', 'all', '-1', '[2]'])
    t.match(
      problemsOf({ files: { 'compositord.yaml': `daemon: { workers: ${text} }` } })[0],
      /workers must be auto, or a whole number from 1 to 64/,
      text,
    );
});
