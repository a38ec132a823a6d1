/** What JSON.parse gives: tests look into replies at will, as their clients do; the contract is checked elsewhere. */
export type Json = ReturnType<typeof JSON.parse>;
