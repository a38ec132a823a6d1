import { Buffer, BufferUsage, Geometry, Mesh, Shader, type TextureSource, type UniformData } from 'pixi.js';

export interface QuadsOptions {
  readonly vertex: string;
  readonly fragment: string;
  /** Of one quad, in the order of its words: how many floats each, or `bytes` for four bytes in one word. */
  readonly attributes: Readonly<Record<string, 1 | 2 | 3 | 4 | 'bytes'>>;
  readonly uniforms: Record<string, UniformData>;
  /** By the names of their samplers. */
  readonly textures?: Readonly<Record<string, TextureSource>>;
}

const FORMATS = { 1: 'float32', 2: 'float32x2', 3: 'float32x3', 4: 'float32x4', bytes: 'unorm8x4' } as const;

/** Many rectangles in one draw call: one instance each of a unit square, `aCorner`. */
export class Quads {
  readonly mesh: Mesh<Geometry, Shader>;
  readonly #geometry: Geometry;
  readonly #buffer: Buffer;
  readonly #words: number;
  floats = new Float32Array(0);
  bytes = new Uint32Array(0);

  constructor(options: QuadsOptions) {
    const sizes = Object.values(options.attributes).map((size) => (size === 'bytes' ? 1 : size));
    this.#words = sizes.reduce<number>((sum, size) => sum + size, 0);
    this.#buffer = new Buffer({ data: this.floats, usage: BufferUsage.VERTEX | BufferUsage.COPY_DST });
    let offset = 0;
    const attributes = Object.entries(options.attributes).map(([name, size], index) => {
      const attribute = {
        buffer: this.#buffer,
        format: FORMATS[size],
        stride: this.#words * 4,
        offset,
        instance: true,
      };
      offset += sizes[index]! * 4;
      return [name, attribute] as const;
    });
    this.#geometry = new Geometry({
      attributes: {
        aCorner: { buffer: new Float32Array([0, 0, 1, 0, 1, 1, 0, 1]), format: 'float32x2' },
        ...Object.fromEntries(attributes),
      },
      indexBuffer: new Uint16Array([0, 1, 2, 0, 2, 3]),
      instanceCount: 0,
    });
    const shader = Shader.from({
      gl: { vertex: options.vertex, fragment: options.fragment },
      resources: { own: options.uniforms, ...options.textures },
    });
    this.mesh = new Mesh({ geometry: this.#geometry, shader });
    this.mesh.eventMode = 'none';
    this.reserveMore(0, 64);
    this.show(0);
  }

  /** Of the shader. */
  get uniforms(): Record<string, number | Float32Array> {
    return (this.mesh.shader!.resources['own'] as { uniforms: Record<string, number | Float32Array> })
      .uniforms;
  }

  get words(): number {
    return this.#words;
  }

  get shown(): number {
    return this.#geometry.instanceCount;
  }

  /** Makes room for `more` quads behind the first `count`. */
  reserveMore(count: number, more: number): void {
    const wanted = (count + more) * this.#words;
    if (wanted <= this.floats.length) return;
    const grown = new Float32Array(Math.ceil(wanted * 1.5));
    grown.set(this.floats);
    this.floats = grown;
    this.bytes = new Uint32Array(grown.buffer);
    this.#buffer.data = grown;
  }

  /** Sends the first `count` quads to the graphics card and shows these. */
  show(count: number): void {
    this.#geometry.instanceCount = count;
    this.mesh.visible = count > 0;
    if (count > 0) this.#buffer.update(count * this.#words * 4);
  }
}
