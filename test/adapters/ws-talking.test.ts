import t from 'tap';
import { talkingContract } from '../contract/talking-connector.ts';
import { WsPeer } from '../support/peers/ws-peer.ts';

talkingContract(t, 'ws', (t) => WsPeer.start(t));
