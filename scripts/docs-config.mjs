// npm run docs:config: writes the reference of all settings from their schema.
import { writeFileSync } from 'node:fs';
import { ensureBuilt } from './build.mjs';
import { root } from './project.mjs';

await ensureBuilt();
const { configurationReference } = await import('../dist/config/reference.js');
writeFileSync(`${root}docs/configuration.md`, configurationReference());
