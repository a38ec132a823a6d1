import { openModel } from './model.ts';
import type * as Page from './page.ts';

/** The URL of the bundle of page.ts; the build inserts it. */
declare const PAGE: string;

// Requests the tiles before the drawing code is loaded, which is thirty times as large as this bundle.
const model = openModel();
const { showPage } = (await import(PAGE)) as typeof Page;
await showPage(model);
