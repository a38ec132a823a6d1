/** A fault that is known and will be mended elsewhere: it is counted and does not fail the run. */
export interface KnownFault {
  readonly what: string;
  readonly covers: (fault: string) => boolean;
}

/** Requests that began while the event loop did not turn, from which on their number is the cause. */
const MANY = 20;

export const KNOWN_FAULTS: readonly KnownFault[] = [
  {
    // Modules are loaded and schemas compiled when they are first used, so that the daemon starts sooner. Each only once.
    what: 'a stall before the daemon was warm',
    covers: (fault) => fault.startsWith('stall at a first use:'),
  },
  {
    // All that came in one packet is worked on before the loop turns. Goes with a budget for each connection.
    what: 'a stall under many pipelined requests',
    covers: (fault) => fault.startsWith('stall:') && Number(/ and (\d+) more$/.exec(fault)?.[1] ?? 0) > MANY,
  },
];
