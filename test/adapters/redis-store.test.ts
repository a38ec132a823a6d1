import t from 'tap';
import { storeContract } from '../contract/store.ts';
import { redisWorlds } from './redis-world.ts';

storeContract(t, 'the Redis store', redisWorlds(t));
