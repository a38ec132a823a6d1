import { MAX_TILES } from './schemas/tile.ts';

/** Bytes of a body that holds tiles, or the parameters of a command; the other routes have less (see http-server). */
export const LARGE_BODY = 1024 * 1024;
/** Bytes of a body that holds one token or one cursor: anyone may send it. */
export const SMALL_BODY = 4 * 1024;

/** Fields of a body with as many tiles as there may be. */
export const TILE_FIELDS = 4 * MAX_TILES;
/** Fields of the parameters of a command. */
export const COMMAND_FIELDS = 20_000;
