import { openModel } from './model.ts';
import type * as Page from './page.ts';

/** Where the bundle of page.ts is; the build writes it in here. */
declare const PAGE: string;

// The tiles are asked for before what draws them is here: that is thirty times as large as what asks.
const model = openModel();
const { showPage } = (await import(PAGE)) as typeof Page;
await showPage(model);
