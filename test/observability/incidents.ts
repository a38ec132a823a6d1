/** Series in the notation of `promtool test rules`, one value a minute from 0 on. */
export type Series = Readonly<Record<string, string>>;

/** What happens to a daemon, as its metrics show it, and which alert says so. */
export interface Incident {
  readonly alert: string;
  /** While all is well; the alert is silent. */
  readonly calm: Series;
  /** The same in the incident. */
  readonly incident: Series;
  /** The minute at which it is looked. */
  readonly minute: number;
  /** Labels of the alert, beside those of {@link A}; an empty one it has not. */
  readonly labels?: Readonly<Record<string, string>>;
  /** A minute at which the incident goes on and is too short to tell anybody. */
  readonly tooEarly?: number;
}

/** Where the series come from. */
export const A = { job: 'compositord', instance: 'a' } as const;

/** The name of a series of instance `a`. */
function a(name: string, labels = ''): string {
  return `${name}{job="compositord",instance="a"${labels && `,${labels}`}}`;
}

/** A series of one metric, calm and in the incident. */
function values(name: string, calm: string, incident: string) {
  return { calm: { [name]: calm }, incident: { [name]: incident } };
}

/** A histogram of which all values of a minute, 600 of them, are at most `slowest`. */
function histogram(name: string, slowest: '0.01' | '5', labels = ''): Series {
  const fast = slowest === '0.01' ? '0+600x30' : '0x30';
  return {
    [a(`${name}_bucket`, `le="0.01"${labels}`)]: fast,
    [a(`${name}_bucket`, `le="1"${labels}`)]: fast,
    [a(`${name}_bucket`, `le="5"${labels}`)]: '0+600x30',
    [a(`${name}_bucket`, `le="+Inf"${labels}`)]: '0+600x30',
  };
}

const status = (value: string) => a('compositord_manifest_compositors', `status="${value}"`);
const state = (value: string) => a('compositord_connectors', `state="${value}"`);
const commit = ',call="commit"';

export const INCIDENTS: readonly Incident[] = [
  { alert: 'CompositordDown', ...values(a('up'), '1x10', '1x4 0x6'), minute: 7, tooEarly: 5 },
  {
    alert: 'CompositordReplicaGone',
    calm: { [a('up')]: '1x40', 'up{job="compositord",instance="b"}': '1x40' },
    // As where its name has one address less.
    incident: { [a('up')]: '1x40', 'up{job="compositord",instance="b"}': '1x20 stale' },
    labels: { instance: '' },
    minute: 24,
    tooEarly: 21,
  },
  {
    alert: 'CompositordStoreAway',
    ...values(a('compositord_store_up'), '1x10', '1x4 0x6'),
    minute: 7,
    tooEarly: 5,
  },
  {
    alert: 'CompositordStoreTakesNoWrites',
    calm: { [a('compositord_store_up')]: '1x10', [a('compositord_store_writable')]: '1x10' },
    incident: { [a('compositord_store_up')]: '1x10', [a('compositord_store_writable')]: '1x4 0x6' },
    minute: 7,
    tooEarly: 5,
  },
  {
    alert: 'CompositordStoreFault',
    ...values(a('compositord_store_fault', 'reason="disk-full"'), '0x10', '0x4 1x6'),
    labels: { reason: 'disk-full' },
    minute: 7,
    tooEarly: 5,
  },
  {
    alert: 'CompositordStoreCallsFail',
    ...values(a('compositord_store_call_failures_total', 'call="renew"'), '0+1x30', '0+60x30'),
    minute: 12,
    tooEarly: 3,
  },
  {
    alert: 'CompositordStoreSlow',
    calm: histogram('compositord_store_call_duration_seconds', '0.01', commit),
    incident: histogram('compositord_store_call_duration_seconds', '5', commit),
    minute: 20,
    tooEarly: 8,
  },
  {
    alert: 'CompositordStoreConnectionBreaks',
    ...values(a('compositord_store_tail_restarts_total'), '0x9 1x11', '0+1x20'),
    minute: 15,
  },
  {
    alert: 'CompositordHistoryReplaced',
    ...values(a('compositord_manifest_reloads_total'), '0x20', '0x9 1x11'),
    minute: 12,
  },
  {
    alert: 'CompositordReplicaLags',
    calm: {
      [a('compositord_manifest_revision')]: '0+100x20',
      'compositord_manifest_revision{job="compositord",instance="b"}': '3+100x20',
    },
    incident: {
      [a('compositord_manifest_revision')]: '0+100x5 500x15',
      'compositord_manifest_revision{job="compositord",instance="b"}': '3+100x20',
    },
    minute: 10,
    tooEarly: 6,
  },
  {
    alert: 'CompositordFramesLate',
    calm: histogram('compositord_stream_delay_seconds', '0.01'),
    incident: histogram('compositord_stream_delay_seconds', '5'),
    minute: 10,
    tooEarly: 4,
  },
  {
    alert: 'CompositordEventLoopSlow',
    ...values(a('nodejs_eventloop_lag_p99_seconds'), '0.02x10 0.4 0.02x10', '0.02x5 0.4x15'),
    minute: 12,
    tooEarly: 8,
  },
  {
    alert: 'CompositordRestartsOften',
    ...values(a('process_start_time_seconds'), '1000x10 1600x20', '1000x5 1360x5 1720x5 2080x5'),
    minute: 18,
  },
  {
    alert: 'CompositordWorkersEnd',
    ...values(a('compositord_worker_ends_total'), '2x20', '2x9 3x11'),
    minute: 12,
  },
  {
    alert: 'CompositordWorkerStandsStill',
    ...values(a('compositord_workers_unanswered_total'), '2x20', '2x5 3+1x15'),
    minute: 12,
  },
  {
    alert: 'CompositordStreamsNearLimit',
    calm: {
      [a('compositord_stream_readers')]: '9000x20',
      [a('compositord_stream_readers_limit')]: '15000x20',
    },
    incident: {
      [a('compositord_stream_readers')]: '14500x20',
      [a('compositord_stream_readers_limit')]: '15000x20',
    },
    minute: 10,
    tooEarly: 3,
  },
  {
    alert: 'CompositordDescriptorsNearLimit',
    calm: { [a('process_open_fds')]: '900x20', [a('process_max_fds')]: '65536x20' },
    incident: { [a('process_open_fds')]: '900x20', [a('process_max_fds')]: '1024x20' },
    minute: 10,
    tooEarly: 3,
  },
  {
    alert: 'CompositordQuotaNearLimit',
    calm: {
      [a('compositord_quota_used', 'quota="tiles"')]: '90000x20',
      [a('compositord_quota_limit', 'quota="tiles"')]: '100000x20',
    },
    incident: {
      [a('compositord_quota_used', 'quota="tiles"')]: '95000x20',
      [a('compositord_quota_limit', 'quota="tiles"')]: '100000x20',
    },
    labels: { quota: 'tiles' },
    minute: 10,
    tooEarly: 3,
  },
  {
    alert: 'CompositordReadersMissHistory',
    ...values(a('compositord_stream_snapshots_total', 'reason="gap"'), '0+2x40', '0+60x40'),
    minute: 20,
    tooEarly: 9,
  },
  {
    alert: 'CompositordFleetStale',
    calm: { [status('connected')]: '30x20', [status('registered')]: '8x20', [status('stale')]: '2x20' },
    incident: { [status('connected')]: '20x20', [status('registered')]: '8x20', [status('stale')]: '12x20' },
    labels: { status: 'stale' },
    minute: 5,
    tooEarly: 1,
  },
  {
    alert: 'CompositordConnectorsDown',
    calm: { [state('connected')]: '10x20', [state('disconnected')]: '2x20' },
    incident: { [state('connected')]: '3x20', [state('disconnected')]: '9x20' },
    labels: { state: 'disconnected' },
    minute: 8,
    tooEarly: 4,
  },
  {
    alert: 'CompositordConfigurationRefused',
    ...values(a('compositord_config_current'), '1x10', '1x4 0x6'),
    minute: 7,
    tooEarly: 5,
  },
  {
    alert: 'CompositordFileNotKept',
    calm: {
      [a('compositord_manifest_file_state', 'state="waiting"')]: '1x20',
      [a('compositord_manifest_file_state', 'state="broken"')]: '0x20',
    },
    incident: { [a('compositord_manifest_file_state', 'state="broken"')]: '0x4 1x16' },
    labels: { state: 'broken' },
    minute: 7,
    tooEarly: 4,
  },
  {
    alert: 'CompositordTokensGuessed',
    ...values(a('compositord_auth_failures_total', 'reason="unknown-token"'), '0+5x20', '0+600x20'),
    minute: 10,
    tooEarly: 4,
  },
  {
    alert: 'CompositordClientsLimited',
    ...values(a('compositord_limited_total', 'limit="requests"'), '0+5x30', '0+600x30'),
    labels: { limit: 'requests' },
    minute: 20,
    tooEarly: 9,
  },
  {
    alert: 'CompositordLogNotRead',
    ...values(a('compositord_log_dropped_total'), '7x20', '7x5 8+100x15'),
    minute: 12,
  },
  {
    alert: 'CompositordInternalErrors',
    calm: {
      [a('compositord_problems_total', 'kind="internal"')]: '0x20',
      [a('compositord_problems_total', 'kind="not-found"')]: '0+9x20',
    },
    incident: { [a('compositord_problems_total', 'kind="internal"')]: '0x9 1x11' },
    labels: { kind: 'internal' },
    minute: 12,
  },
  {
    alert: 'CompositordRelayFull',
    calm: {
      [a('compositord_relay_dropped_total', 'type="camera_update",reason="full"')]: '0x20',
      [a('compositord_relay_dropped_total', 'type="camera_update",reason="rate"')]: '0+900x20',
    },
    incident: {
      [a('compositord_relay_dropped_total', 'type="camera_update",reason="full"')]: '0+900x20',
    },
    minute: 10,
    tooEarly: 4,
  },
];
