import { InfiniteMap } from '../../infinite-map/infinite-map.ts';

/** What `loadTexture` gives when a picture cannot be loaded. */
const ERROR_TEXTURE = Symbol('error');

/** `infinite_map.js` with its pictures and metadata: each tile gets a texture from `queue`, or else from `processed`. */
export class PicturedMap extends InfiniteMap {
  /** Types and sizes, by the brick. */
  readonly textures = new Map<string, { readonly type: string; readonly bytes: number }>();
  readonly failed = new Set<string>();
  readonly #origin: string;

  constructor(options: ConstructorParameters<typeof InfiniteMap>[0]) {
    super(options);
    this.#origin = options.origin;
  }

  override loadTile(x: number, y: number, brick: string, timestamp: number): void {
    super.loadTile(x, y, brick, timestamp);
    void this.#loadPicture(brick, timestamp);
  }

  /** What the page reads beside the map. */
  async securityMetadata(): Promise<unknown> {
    const response = await fetch(`${this.#origin}/builder/metadata/silicon_district.json?t=${Date.now()}`);
    return ((await response.json()) as { security?: unknown }).security;
  }

  async #loadPicture(brick: string, timestamp: number): Promise<void> {
    // As upstream: the name stands in the URL as it is.
    const queued = await this.#loadTexture(`/builder/queue/${brick}?t=${timestamp}`);
    const texture =
      queued === ERROR_TEXTURE
        ? await this.#loadTexture(`/builder/processed/${brick}?t=${timestamp}`)
        : queued;
    if (texture === ERROR_TEXTURE) this.failed.add(brick);
    else this.textures.set(brick, texture);
  }

  async #loadTexture(path: string): Promise<typeof ERROR_TEXTURE | { type: string; bytes: number }> {
    const response = await fetch(this.#origin + path).catch(() => undefined);
    const type = response?.headers.get('content-type') ?? '';
    if (!response?.ok || !type.startsWith('image/')) return ERROR_TEXTURE;
    return { type, bytes: (await response.arrayBuffer()).byteLength };
  }
}
