// A tap program whose subtests are the given test files, each in a process of its own: what `tap run` does, without its
// loaders, which cost more than most of our files do themselves.
//   node scripts/run-files.mjs JOBS FILE...     (files of JavaScript, relative to the project)
import t from 'tap';
import { root } from './project.mjs';

/** Seconds for a file. A ceiling for one that hangs, not a measure: machines are slow at times. */
const CEILING = 180;

const [jobs, ...files] = process.argv.slice(2);
t.jobs = Number(jobs);
// All together take as long as they take.
t.setTimeout(0);
for (const file of files) {
  const name = file.replace(/^dist-test\/(.*)\.js$/, 'test/$1.ts');
  void t.spawn(process.execPath, ['--enable-source-maps', file], {
    cwd: root,
    // tap in that process takes its own ceiling from here, and shows what was open when it comes.
    env: { ...process.env, TAP_TIMEOUT: String(CEILING) },
    timeout: CEILING * 1000,
    buffered: true,
    stdio: ['ignore', 'pipe', 'inherit'],
    name,
  });
}
