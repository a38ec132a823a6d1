import { ConnectorError } from '../../../domain/connector.ts';

/** Nothing of libp2p is loaded before the first use: it is optional, it is large, and Node 20 cannot run it. */
export async function loadLibp2p() {
  if (!('withResolvers' in Promise)) throw new ConnectorError('refused', 'libp2p needs Node 22 or newer');
  try {
    const [{ createLibp2p }, { tcp }, { noise }, { yamux }, { multiaddr }] = await Promise.all([
      import('libp2p'),
      import('@libp2p/tcp'),
      import('@chainsafe/libp2p-noise'),
      import('@libp2p/yamux'),
      import('@multiformats/multiaddr'),
    ]);
    return { createLibp2p, tcp, noise, yamux, multiaddr };
  } catch (cause) {
    throw new ConnectorError('refused', 'libp2p is not installed with this daemon', { cause });
  }
}
