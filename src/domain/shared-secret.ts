/**
 * 32 random bytes that all replicas on one store share, and nobody else knows: made by the first that asks, and kept in the store.
 * Throws a StoreError when the store does not answer.
 */
export type SharedSecret = () => Promise<Buffer>;

export const SECRET_BYTES = 32;
