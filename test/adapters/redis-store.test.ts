import t from 'tap';
import { redisContract } from './redis-contract.ts';

redisContract(t, 'the Redis store');
