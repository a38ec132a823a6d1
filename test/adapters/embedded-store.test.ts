import t from 'tap';
import { storeContract } from '../contract/store.ts';
import { embeddedWorld } from './embedded-world.ts';

storeContract(t, 'the embedded store', embeddedWorld);
