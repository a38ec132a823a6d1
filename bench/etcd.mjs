import { found, freePort } from './lab.mjs';

/** One etcd member with its JSON gateway, durable as it comes; undefined when it is not on this machine. */
export async function startEtcd(lab) {
  const etcd = found('/usr/bin/etcd', '/usr/local/bin/etcd');
  if (!etcd) return undefined;
  const [client, peer] = [await freePort(), await freePort()];
  const [clients, peers] = [`http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`];
  const args = ['--data-dir', lab.folder(), '--log-level', 'error', '--initial-cluster', `default=${peers}`];
  for (const flag of ['--listen-client-urls', '--advertise-client-urls']) args.push(flag, clients);
  for (const flag of ['--listen-peer-urls', '--initial-advertise-peer-urls']) args.push(flag, peers);
  return { ...(await lab.program(etcd, args, `${clients}/health`)), port: client };
}
