import type { VerifyContext } from '../context.ts';

type Tiles = Readonly<Record<string, { readonly brick: string }>>;

/** Describes the tiles that `query` selects if they are not the `expected` ones: what a rejected request changed. */
export async function effectOf(
  { send }: VerifyContext,
  url: string,
  query: string,
  expected: Tiles,
): Promise<string> {
  const { status, body } = await send(url, `/manifest?${query}`);
  if (status !== 200) return '';
  const { tiles } = body as { tiles: Tiles };
  const [found, wanted] = [tiles, expected].map((row) =>
    Object.entries(row)
      .map(([key, { brick }]) => `${key} ${brick}`)
      .join(', '),
  );
  return found === wanted ? '' : `the row holds ${found || 'nothing'}`;
}
