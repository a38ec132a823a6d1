/** A fault that is known and will be mended elsewhere: it is counted and does not fail the run. */
export interface KnownFault {
  readonly what: string;
  readonly covers: (fault: string) => boolean;
}

export const KNOWN_FAULTS: readonly KnownFault[] = [
  {
    // Modules are loaded and schemas compiled when they are first used, so that the daemon starts sooner. Each only once.
    what: 'a stall before the daemon was warm',
    covers: (fault) => fault.startsWith('stall at a first use:'),
  },
];
