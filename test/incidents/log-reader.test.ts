// What reads the log stands still. Compositors write as before, and the metrics and the alerts name what is wrong; the log does when it is read again.
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { moreWrites, whileWriting, writers } from '../replicas/writer.ts';
import { Random } from '../simulation/random.ts';
import { send } from '../support/http-client.ts';
import { droppedLines, fillLog, unreadDaemon } from '../support/unread-daemon.ts';
import { Alerts } from './alerts.ts';

t.test('the reader of the log stands still', { timeout: 240_000 }, async (t) => {
  const { child, url } = await unreadDaemon(t);
  const all = await writers(() => [url], new Random(38));
  await whileWriting(all, [], async () => {
    const alerts = await Alerts.start(t, [{ port: Number(new URL(url).port) }]);
    await fillLog(url);
    await eventually(async () => (await droppedLines(url)) > 0, 'the metrics say so');
    await alerts.fire({ alertname: 'CompositordLogNotRead' });
    await moreWrites(all, 50);
  });
  const { body } = await send('GET', `${url}/manifest`);
  for (const writer of all) writer.check(t, body);
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  await eventually(() => /lines of the log were dropped: nobody/.test(text), 'the log says so');
});
