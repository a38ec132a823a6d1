// Run by bound-connection.test.ts, on a Node that has what libp2p needs.
import t from 'tap';
import { boundConnectionContract } from '../../contract/bound-connection.ts';
import { Libp2pPeer } from '../../support/peers/libp2p-peer.ts';

boundConnectionContract(t, 'libp2p', (t) => Libp2pPeer.start(t));
