/**
 * Another process that uses the same store has the process id of this one, as the first process of each container has 1. The store tells its
 * users apart by that, so this process cannot use it; one with another id can.
 */
export class ProcessIdTaken extends Error {}
