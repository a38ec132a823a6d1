import type { Patch } from './entries.ts';
import type { StreamPosition, State } from './moving-link.ts';
import type { Problem } from './stream-link.ts';
import type { View } from './view.ts';

/** The messages between tabs. Every tab receives all of them, in the order in which each tab sent its own. */
export type TabMessage = { readonly from: string } & (
  | { readonly type: 'lead' }
  | { readonly type: 'join'; readonly view: View }
  | { readonly type: 'state'; readonly state: State; readonly problem?: Problem | undefined }
  | {
      readonly type: 'snapshot';
      readonly to: string;
      readonly view: View;
      /** The view of the shared stream. */
      readonly stream: View;
      readonly state: State;
      readonly position: StreamPosition;
      /** JSON: only the tab that it is for parses it. */
      readonly entries: string;
    }
  | {
      readonly type: 'patch';
      readonly stream: View;
      readonly patch: Patch;
      readonly position: StreamPosition;
    }
);

/** A message before the sender's id is added. */
export type OutgoingMessage = WithoutFrom<TabMessage>;
type WithoutFrom<T> = T extends unknown ? Omit<T, 'from'> : never;
