import type { Settings } from './config.ts';

/** Bytes: less would not hold the largest body beside another client's. */
const LEAST_BODIES = 4 * 2 ** 20;

/**
 * The settings of one of `count` workers: of each limit that a process counts for itself it has its share, rounded up, so that
 * together they allow what one process would.
 */
export function shareOfWorker(settings: Settings, count: number): Settings {
  const share = (limit: number) => Math.ceil(limit / count);
  const { limits, stream, connect } = settings;
  return {
    ...settings,
    stream: { ...stream, maxReaders: share(stream.maxReaders) },
    limits: {
      requests: share(limits.requests),
      polls: share(limits.polls),
      connections: share(limits.connections),
      bodies: Math.max(LEAST_BODIES, share(limits.bodies)),
      ...(limits.streams !== undefined && { streams: share(limits.streams) }),
    },
    connect: { ...connect, perTarget: share(connect.perTarget) },
  };
}
