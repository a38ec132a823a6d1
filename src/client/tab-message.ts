import type { Changes } from './entry.ts';
import type { Moment, State } from './moving-link.ts';
import type { Problem } from './stream-link.ts';
import type { View } from './view.ts';

/** What tabs tell each other. All hear all, in the order in which each says it. */
export type Message = { readonly from: string } & (
  | { readonly type: 'lead' }
  | { readonly type: 'join'; readonly view: View }
  | { readonly type: 'state'; readonly state: State; readonly problem?: Problem | undefined }
  | {
      readonly type: 'whole';
      readonly to: string;
      readonly view: View;
      /** Of the one stream. */
      readonly stream: View;
      readonly state: State;
      readonly moment: Moment;
      /** As text: those who are not meant need not unpack it. */
      readonly entries: string;
    }
  | { readonly type: 'frame'; readonly stream: View; readonly changes: Changes; readonly moment: Moment }
);

/** What one tab says; who it is, is added. */
export type Saying = WithoutFrom<Message>;
type WithoutFrom<T> = T extends unknown ? Omit<T, 'from'> : never;
