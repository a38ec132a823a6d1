import type { Test } from 'tap';
import { ConnectorError, type MakeConnector } from '../../src/domain/connector.ts';
import { build, type BuildOptions } from '../support/build.ts';
import { HttpPeer } from '../support/peers/http-peer.ts';

/** No links: what reaches the compositor was forwarded. */
const unlinked: MakeConnector = () => {
  const none = async () =>
    Promise.reject(new ConnectorError('unreachable', 'there are no links in this test'));
  return { connect: none, probe: none, send: none, close: async () => undefined };
};

/** A listening daemon, and a real compositor `wall` behind it. */
export async function wall(t: Test, options: BuildOptions = {}) {
  const peer = await HttpPeer.start(t);
  const { app, config, inject, log } = await build(t, { make: unlinked, ...options });
  await app.listen();
  const base = options.settings?.basePath ?? '';
  const register = (id: string, more: object = {}) =>
    inject({
      method: 'PUT',
      url: `${base}/compositors/${id}`,
      payload: { name: id, protocol: 'http', address: peer.host, port: peer.port, ttl: 86_400, ...more },
    });
  await register('wall');
  return {
    peer,
    app,
    inject,
    log,
    register,
    port: config.settings.listen.port,
    root: `${base}/compositors/wall/proxy`,
  };
}
