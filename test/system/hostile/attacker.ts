// A hostile client in a process of its own: node attacker.js <kind> <port> <token> <milliseconds>
import { ATTACKS } from './attacks.ts';

const [kind, port, token, duration] = process.argv.slice(2);
console.log('begins');
await ATTACKS[kind as keyof typeof ATTACKS]({
  port: Number(port),
  token: token!,
  duration: Number(duration),
});
process.exit(0);
