/** The variable by which the primary tells a worker its place: `2/4` is the second of four. */
export const WORKER_VARIABLE = 'WORKER_OF_COMPOSITORD';
