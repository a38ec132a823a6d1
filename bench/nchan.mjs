import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { found, freePort } from './lab.mjs';

/** nginx with nchan, its channel in memory; undefined when it is not on this machine. */
export async function startNchan(lab, workers = 1) {
  const module = found(
    '/usr/lib/nginx/modules/ngx_nchan_module.so',
    '/usr/share/nginx/modules/ngx_nchan_module.so',
  );
  const nginx = found('/usr/sbin/nginx', '/usr/bin/nginx');
  if (!module || !nginx) return undefined;
  const folder = lab.folder();
  const port = await freePort();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${join(folder, name)};`)
    .join(' ');
  const conf = `load_module ${module};
    daemon off; ${processes(workers)} worker_rlimit_nofile 20000; pid ${join(folder, 'pid')}; error_log ${join(folder, 'log')};
    events { worker_connections 16000; }
    http {
      access_log off; ${temporary}
      nchan_shared_memory_size 64m; keepalive_requests 1000000;
      server {
        listen 127.0.0.1:${port} backlog=4096;
        location = /ready { return 200; }
        location = /publish { nchan_publisher; nchan_channel_id map; nchan_message_buffer_length 100; }
        location = /stream { nchan_subscriber eventsource; nchan_channel_id map; nchan_subscriber_first_message newest; }
      }
    }`;
  writeFileSync(join(folder, 'nginx.conf'), conf);
  const args = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'log')];
  return { ...(await lab.program(nginx, args, `http://127.0.0.1:${port}/ready`)), port };
}

/** One worker needs no master. The workers of a master get another user where it runs as root, who could not use its folder. */
function processes(workers) {
  if (workers === 1) return 'master_process off;';
  return `worker_processes ${workers};${process.getuid?.() === 0 ? ' user root;' : ''}`;
}
