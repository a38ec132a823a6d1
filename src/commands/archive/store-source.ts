import type { Readable } from 'node:stream';
import { HeapGuard } from '../../adapters/heap-guard.ts';
import { SystemClock } from '../../adapters/system-clock.ts';
import { openStore } from '../../backend.ts';
import { LongWork } from '../../concurrency/long-work.ts';
import type { Settings } from '../../config/config.ts';
import { totalOf } from '../../domain/archive.ts';
import { compressed } from '../../services/archive/archive-stream.ts';
import { archiveText, headerOf } from '../../services/archive/archive-text.ts';
import { momentOfState } from '../../services/archive/moment.ts';
import { Progress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';

/** An archive of what a store holds now, whether or not daemons use it. Ends with an Error of one line when the store cannot be read. */
export async function* storeArchive(
  settings: Settings,
  terminal: Terminal,
): AsyncGenerator<Buffer, void, undefined> {
  const clock = new SystemClock();
  const memory = new HeapGuard(terminal.env['NODE_OPTIONS']);
  const store = await openStore(settings, clock, { memory, create: false });
  try {
    const state = await store.load();
    const { leases } = await store.leases();
    const moment = momentOfState(state, leases);
    const header = headerOf(moment, {
      createdAt: new Date(clock.now()).toISOString(),
      store: store.kind,
      version: terminal.version,
      degraded: false,
    });
    const progress = new Progress(terminal, totalOf(header.counts), 'entries saved');
    const onProgress = (entries: number) => progress.update(entries);
    const bytes: Readable = compressed(
      archiveText({ moment, header, work: new LongWork(clock), onProgress }),
    );
    for await (const piece of bytes) yield piece as Buffer;
    progress.end();
  } finally {
    await store.close();
  }
}
