import { pipeline, Transform, type Readable } from 'node:stream';

/**
 * `source` as it is, with `moved` called for every piece; whichever of both ends early takes the other with it. Of a request
 * to a server of Node only the body ends so: the reply goes out on its connection all the same.
 */
export function tapped(source: Readable, moved: () => void): Readable {
  const tap = new Transform({
    transform(piece, _encoding, done) {
      moved();
      done(null, piece);
    },
  });
  // The error, if there was one, is in the stream that is returned.
  return pipeline(source, tap, () => undefined);
}
