import { closeSync, fstatSync, openSync } from 'node:fs';
import t from 'tap';
import { asErrors, isJournal, withPriority } from '../../src/adapters/journal.ts';

t.test('the journal is known by its device and inode', async (t) => {
  const fd = openSync('/dev/null', 'r');
  const { dev, ino } = fstatSync(fd);
  t.equal(isJournal(fd, `${dev}:${ino}`), true);
  for (const other of [`${dev}:${ino + 1}`, `${dev + 1}:${ino}`, '', 'x', undefined])
    t.equal(isJournal(fd, other), false, String(other));
  closeSync(fd);
  t.equal(isJournal(fd, `${dev}:${ino}`), false, 'a closed descriptor leads nowhere');
});

t.test('each level has its priority', async (t) => {
  const priorities = { 10: 7, 20: 7, 30: 6, 40: 4, 50: 3, 60: 2 };
  for (const [level, priority] of Object.entries(priorities)) {
    const line = `{"level":${level},"time":1,"msg":"\\"level\\":60"}\n`;
    t.equal(withPriority(line), `<${priority}>${line}`);
  }
  t.equal(withPriority('no JSON\n'), '<6>no JSON\n');
});

t.test('a complaint is an error on each of its lines', async (t) => {
  t.equal(asErrors('compositord: one\n\ntwo\n'), '<3>compositord: one\n\n<3>two\n');
  t.equal(asErrors(''), '');
});
