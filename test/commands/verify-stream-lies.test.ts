import t from 'tap';
import { STREAM_LIES } from './stream-lies.ts';
import { findEach } from './find-lies.ts';

t.test('every lie of a stream is caught and named', (t) => findEach(t, STREAM_LIES));
