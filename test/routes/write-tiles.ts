import type { Built } from '../support/build.ts';

/** Patches tiles of `id`, which it registers first if need be. Returns the cursor of the write. */
export async function writeTiles({ inject }: Built, id: string, tiles: object): Promise<string> {
  const url = `/compositors/${id}`;
  if ((await inject(url)).status === 404) await inject({ method: 'PUT', url, payload: { name: id } });
  const { json } = await inject({ method: 'PATCH', url: `${url}/tiles`, payload: tiles });
  return json.cursor as string;
}
