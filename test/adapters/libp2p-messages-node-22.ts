// Run by libp2p-messages.test.ts, on a Node that has what libp2p needs.
import t from 'tap';
import { talkingContract } from '../contract/talking-connector.ts';
import { Libp2pPeer } from '../support/peers/libp2p-peer.ts';

talkingContract(t, 'libp2p', (t) => Libp2pPeer.start(t));
