// Somebody who looks whether the daemon is alive, all the time, and says how long the slowest answer took.
import { answer } from './answer.mjs';

/** Milliseconds between two looks. */
const LOOK_EVERY = 2;
/** The first ones pay for what is made once. */
const FIRST = 20;

let waits = [];
let looking;
let stopped;

async function begin({ port }) {
  stopped = false;
  waits = [];
  looking = look(`http://127.0.0.1:${port}/health/live`);
  while (waits.length < FIRST) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  waits = [];
}

/** Milliseconds. */
async function slowest() {
  stopped = true;
  await looking;
  return Math.max(...waits);
}

async function look(url) {
  while (!stopped) {
    const began = performance.now();
    await (await fetch(url)).arrayBuffer();
    waits.push(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  }
}

answer({ begin, slowest });
