import { connect } from 'node:net';

/** What a server answers to these bytes until it ends the connection; rejects after `ceiling` ms. */
export function rawRequest(url: string, bytes: string, ceiling = 20_000): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no end within ${ceiling} ms; so far: ${text}`));
    }, ceiling);
    let text = '';
    socket.setEncoding('latin1');
    socket.on('data', (piece: string) => (text += piece));
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(text);
    });
  });
}
