// What went wrong: a misspelled option or event was ignored, and an address without a scheme was taken for a path of the page.
import t from 'tap';
import { WebSocket } from 'ws';
import { connect, type ConnectOptions } from '../../src/client/connect.ts';
import { publish, type PublishOptions } from '../../src/client/publish.ts';
import { attachInfiniteMap } from '../../src/client/infinite-map.ts';

const url = 'http://127.0.0.1:1';

t.test('an option that does not exist or does not fit is named', (t) => {
  const connects: [options: object | undefined, message: string][] = [
    [undefined, "connect takes an object of options, such as { url: 'http://127.0.0.1:8760' }"],
    [{}, 'connect needs the option "url"'],
    [{ url: null }, 'connect needs the option "url"'],
    [{ url, veiw: '0,0,1,1' }, 'connect has no option "veiw"; did you mean "view"?'],
    [{ url, maxretry: 5 }, 'connect has no option "maxretry"; did you mean "maxRetry"?'],
    [{ url, compositors: 'wall' }, 'connect has no option "compositors"; did you mean "compositor"?'],
    [
      { url, reconnectInterval: 5 },
      'connect has no option "reconnectInterval"; there are url, view, zoom, compositor, token, signal, fetch, watchdog, share, maxRetry',
    ],
    [{ url, watchdog: '5' }, 'connect: the option "watchdog" is a number, not "5"'],
    [{ url, maxRetry: -1 }, 'connect: the option "maxRetry" is a number, not -1'],
    [{ url, maxRetry: NaN }, 'connect: the option "maxRetry" is a number, not NaN'],
    [{ url, token: 5 }, 'connect: the option "token" is a string or function, not 5'],
    [{ url, fetch: {} }, 'connect: the option "fetch" is a function, not object'],
    [{ url, compositor: [] }, 'connect: the option "compositor" has no id; leave it out for all of them'],
  ];
  for (const [options, message] of connects)
    t.throws(() => connect(options as unknown as ConnectOptions), { name: 'TypeError', message });
  const publishes: [options: object, message: string][] = [
    [{ url, WebSocket }, 'publish needs the option "id"'],
    [{ id: 'wall', WebSocket }, 'publish needs the option "url"'],
    [{ url, id: 'wall', lables: {} }, 'publish has no option "lables"; did you mean "labels"?'],
    [{ url, id: 7 }, 'publish: the option "id" is a string, not 7'],
    [{ url, id: 'wall', ttl: '30' }, 'publish: the option "ttl" is a number, not "30"'],
  ];
  for (const [options, message] of publishes)
    t.throws(() => publish(options as PublishOptions), { name: 'TypeError', message });
  const map = { loadTile: () => undefined, checkUpdates: () => undefined };
  const { checkUpdates } = map;
  const wrong = { url, remvoe: () => undefined } as { url: string };
  t.throws(() => attachInfiniteMap(map, wrong), { message: /no option "remvoe"/ });
  t.equal(map.checkUpdates, checkUpdates, 'a map is left as it was when the options are wrong');
  t.end();
});

t.test('what is null is left out', (t) => {
  const nothing = { view: null, token: null, signal: null, fetch: null, watchdog: null } as object;
  const map = connect({ url, ...nothing });
  t.equal(map.state, 'connecting');
  map.close();
  t.end();
});

// What went wrong: every value was compared with 0, so that this one threw, and the text was taken for a number.
t.test('values that are no numbers are not compared with one', (t) => {
  const labels = Object.assign(Object.create(null), { room: 'lobby' }) as Record<string, string>;
  void publish({ url, id: 'wall', WebSocket, labels, token: '-5' }).close();
  t.pass('it is a compositor');
  t.end();
});

t.test('an address that is none is named, with what is meant', (t) => {
  const wrong: [url: unknown, message: RegExp][] = [
    [
      '127.0.0.1:8760',
      /the url "127\.0\.0\.1:8760" has no scheme; did you mean "http:\/\/127\.0\.0\.1:8760"\?/,
    ],
    ['localhost:8760/base/', /did you mean "http:\/\/localhost:8760\/base\/"/],
    ['localhost', /did you mean "http:\/\/localhost"/],
    ['[::1]:8760', /did you mean "http:\/\/\[::1\]:8760"/],
    ['map.example.org:443', /did you mean "http:\/\/map\.example\.org:443"/],
    ['map.example.org', /is not absolute, such as http:\/\/127\.0\.0\.1:8760/],
    ['/', /is not absolute/],
    ['ws://127.0.0.1:8760', /does not begin with http:\/\/ or https:\/\//],
    ['http://user:secret@127.0.0.1', /^[a-z]+: the url has a user; use the option "token"$/],
    [{}, /needs the option "url"/],
  ];
  for (const [url, message] of wrong) {
    t.throws(() => connect({ url: url as string }), { name: 'TypeError', message });
    t.throws(() => publish({ url: url as string, id: 'wall', WebSocket }), { name: 'TypeError', message });
  }
  for (const good of [' http://localhost:8760 ', new URL('https://map.example.org/base?x#y'), { href: url }])
    connect({ url: good as URL }).close();
  t.end();
});

t.test('an event that does not exist is named', (t) => {
  const map = connect({ url });
  t.teardown(() => map.close());
  const on = (event: string, listener: unknown) => () => map.on(event as 'tile', listener as () => void);
  const message = 'there is no event "tiles"; did you mean "tile"?';
  t.throws(
    on('tiles', () => undefined),
    { name: 'TypeError', message },
  );
  t.throws(
    on('constructor', () => undefined),
    { message: /there are tile, remove, area, compositor/ },
  );
  t.throws(on('tile', undefined), { message: 'on("tile", ...) needs a function, not undefined' });
  const wall = publish({ url, id: 'wall', WebSocket });
  t.teardown(() => wall.close());
  t.throws(() => wall.on('status' as 'state', () => undefined), { message: /did you mean "state"/ });
  t.throws(() => wall.onCommand('zoom', undefined as never), { message: /needs a function/ });
  t.end();
});
