// npm start: from a bare clone to a running daemon; a second start only checks that nothing is to be done.
import { requireNode } from './project.mjs';

requireNode();
const { ensureDependencies } = await import('./dependencies.mjs');
await ensureDependencies();
const { ensureBuilt } = await import('./build.mjs');
await ensureBuilt();

// In this process: a signal reaches the daemon itself, and its exit code is ours.
await import('../dist/main.js');
