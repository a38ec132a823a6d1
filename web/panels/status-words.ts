import type { LiveState } from '../map/live-state.ts';

/** What `/health` says of the store. */
export interface StoreState {
  readonly state: string;
  readonly reason: string | null;
}

export interface StatusWords {
  /** The state for the style sheet. */
  readonly kind: string;
  readonly title: string;
  /** What it means and what happens next; empty while all is well. */
  readonly detail: string;
}

/** The words for how the page and its daemon stand. `now`: ms since 1970; `online`: what the browser says of the network. */
export function statusWords(
  live: LiveState,
  store: StoreState | undefined,
  now: number,
  online = true,
): StatusWords {
  const { state, revision } = live;
  if (state === 'live' && store?.state === 'refusing')
    return { kind: 'degraded', title: 'Read-only', detail: `The store takes no writes${because(store)}.` };
  if (state === 'live') return { kind: state, title: 'Live', detail: '' };
  const kept = revision > 0 ? ' This is the last known map.' : '';
  if (state === 'degraded')
    return {
      kind: state,
      title: 'Store away',
      detail: `The daemon cannot reach its store${because(store)}.${kept}`,
    };
  if (state === 'refused') return { kind: 'offline', title: 'Refused', detail: `${why(live)}${kept}` };
  if (state === 'closed') return { kind: state, title: 'Closed', detail: '' };
  const next = nextText(live, now);
  if (!online)
    return { kind: 'offline', title: 'No network', detail: `This machine is offline.${kept}${next}` };
  if (state === 'offline') return { kind: state, title: 'Offline', detail: `${why(live)}${kept}${next}` };
  const again = revision > 0 || live.problem !== undefined;
  return again
    ? { kind: state, title: 'Reconnecting', detail: `${why(live)}${kept}${next}` }
    : { kind: state, title: 'Connecting', detail: '' };
}

function why({ problem }: LiveState): string {
  const status = problem?.status;
  switch (problem?.kind) {
    case 'unreachable':
      return 'The daemon does not answer.';
    case 'refused':
      if (status === 401) return 'This map requires a token.';
      if (status === 403) return 'This token may not read the map.';
      return status !== undefined && status >= 502 && status <= 504
        ? `The daemon is away: a proxy answers ${status}.`
        : `The daemon answers ${status ?? 'with an error'}.`;
    case 'token':
      return problem.detail;
    case 'silent':
      return 'The daemon is silent.';
    case 'broken':
      return 'The copy was wrong, and is read again.';
    case 'cut':
      return 'The connection was lost.';
    case undefined:
      return 'The daemon ended the connection.';
  }
}

function nextText({ nextAttempt }: LiveState, now: number): string {
  if (nextAttempt === undefined) return '';
  const seconds = Math.ceil((nextAttempt - now) / 1000);
  return seconds > 0 ? ` Next attempt in ${seconds} s.` : ' Trying now …';
}

function because({ reason }: StoreState = { state: '', reason: null }): string {
  return reason === null ? '' : ` (${reason.replaceAll('-', ' ')})`;
}
