// What every script needs first: where the project is, how to speak, and a Node that can run it. It needs no installed package.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** With a slash at its end. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** To stderr: stdout belongs to the program that is started. */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

export function stop(text) {
  say(`compositord: ${text}`);
  process.exit(1);
}

/** Does what takes a while, and says so: on a terminal with the seconds that have passed. Between its `await`s they count up. */
export async function step(text, work) {
  const began = performance.now();
  const { stderr } = process;
  const draw = () => stderr.write(`\r${text} ... ${Math.round((performance.now() - began) / 1000)} s`);
  if (!stderr.isTTY) {
    say(`${text} ...`);
    return work();
  }
  draw();
  const ticking = setInterval(draw, 1000);
  try {
    return await work();
  } finally {
    clearInterval(ticking);
    draw();
    say('');
  }
}

/** Runs a program in the project's folder, and resolves to its exit code and all that it has printed. */
export function outputOf(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (part) => (text += part));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, text }));
  });
}

/** Ends with one clear line on a Node older than package.json asks for. */
export function requireNode() {
  const { engines } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
  const wanted = engines.node.replace(/^>=/, '').split('.').map(Number);
  const here = process.versions.node.split('.').map(Number);
  const at = wanted.findIndex((part, i) => part !== here[i]);
  if (at >= 0 && here[at] < wanted[at])
    stop(`needs Node ${wanted.join('.')} or newer, this is ${process.versions.node}.`);
}

/** All files in a folder, at any depth, relative to it. */
export function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)));
}
