import { setTimeout } from 'node:timers/promises';
import t from 'tap';
import type { Cursor } from '../../src/domain/cursor.ts';
import { StoreUnanswered, StoreUnreachable, type Batch, type Store } from '../../src/domain/store.ts';
import { Author } from '../contract/author.ts';
import { idsOf, mapText, stateOf, tilePatch } from '../contract/samples.ts';
import { startRedis } from '../support/redis-server.ts';
import { tcpProxy } from '../support/tcp-proxy.ts';
import { openRedis } from './redis-world.ts';

const CUTS = 200;

t.test(
  '200 connections cut in mid-command: each commit is in the log once, or its caller knows',
  async (t) => {
    const server = await startRedis(t);
    const proxy = await tcpProxy(t, server.port);
    const direct = await openRedis(t, server);
    const author = await Author.join(await openRedis(t, proxy));
    // So that Redis knows the script, and each commit below is one command.
    await author.write(tilePatch({ '9,9': 'first' }));
    const outcomes = {
      taken: [] as string[],
      refused: [] as string[],
      unknown: [] as string[],
      unreachable: [] as string[],
    };
    for (let i = 0; i < CUTS; i++) {
      const batch = author.plan([tilePatch({ [`${i % 7},${i % 5}`]: `b${i}` })]);
      const id = batch.commits[0]!.id;
      const how = i % 2 === 0 ? 'rst' : 'fin';
      const kind = Math.floor(i / 2) % 4;
      // 0: done, its reply lost. 1: the command is lost. 2: cut as it passes, so that either may be. 3: replies only.
      if (kind === 0 || kind === 3) proxy.swallowReplies();
      proxy.onRequest = () => {
        proxy.onRequest = undefined;
        if (kind === 1) proxy.swallow();
        if (kind === 0) void done(direct, batch.commits[0]!.cursor).then(() => proxy.cut(how));
        else setImmediate(() => proxy.cut(how));
      };
      outcomes[await send(author, batch)].push(id);
      proxy.onRequest = undefined;
      await back(author);
    }
    const log = await stateOf(direct);
    const ids = idsOf(log.log);
    t.equal(new Set(ids).size, ids.length, 'no commit twice');
    for (const id of outcomes.taken) t.ok(ids.includes(id));
    for (const id of [...outcomes.refused, ...outcomes.unreachable]) t.notOk(ids.includes(id));
    t.same(
      ids
        .slice(1)
        .filter((id) => !outcomes.taken.includes(id))
        .filter((id) => !outcomes.unknown.includes(id)),
      [],
      'nothing in the log whose outcome no client knows',
    );
    t.ok(outcomes.unknown.length > CUTS / 4, `${outcomes.unknown.length} unknown`);
    t.ok(outcomes.unknown.some((id) => ids.includes(id)) && outcomes.unknown.some((id) => !ids.includes(id)));
    t.equal(mapText(log.manifest), mapText(author.manifest.copy()));
  },
);

async function send(author: Author, batch: Batch): Promise<'taken' | 'refused' | 'unknown' | 'unreachable'> {
  try {
    const { taken } = await author.send(batch);
    return taken ? 'taken' : 'refused';
  } catch (error) {
    if (error instanceof StoreUnanswered) return 'unknown';
    if (error instanceof StoreUnreachable) return 'unreachable';
    throw error;
  }
}

/** Resolves when the author is in step with the store again. */
async function back(author: Author): Promise<void> {
  for (;;) {
    try {
      await author.catchUp();
      return;
    } catch (error) {
      if (!(error instanceof StoreUnreachable)) throw error;
      await setTimeout(5);
    }
  }
}

/** Resolves when `cursor` is the head. */
async function done(store: Store, cursor: Cursor): Promise<void> {
  while ((await store.head()) !== cursor);
}
