import { Buffer, BufferUsage, Geometry, Mesh, Shader, type TextureSource, type UniformData } from 'pixi.js';

export interface QuadsOptions {
  readonly vertex: string;
  readonly fragment: string;
  /** The attributes of one quad, in order: the number of floats, or `bytes` for four bytes in one word. */
  readonly attributes: Readonly<Record<string, 1 | 2 | 3 | 4 | 'bytes'>>;
  readonly uniforms: Record<string, UniformData>;
  /** Textures, by the name of their sampler. */
  readonly textures?: Readonly<Record<string, TextureSource>>;
}

const FORMATS = { 1: 'float32', 2: 'float32x2', 3: 'float32x3', 4: 'float32x4', bytes: 'unorm8x4' } as const;

/** For vertex shaders: the vertex's corner of the unit square, each coordinate 0 or 1. */
export const CORNER = 'vec2((gl_VertexID + 1) >> 1 & 1, gl_VertexID >> 1 & 1)';
/** The four vertices of a quad as two triangles. */
const TRIANGLES = [0, 1, 2, 0, 2, 3];

/**
 * Many rectangles in one draw call. Each vertex has a copy of the quad's words. Instancing would need one copy, but where
 * WebGL runs on the processor, each instance costs as much as a draw call.
 */
export class Quads {
  readonly mesh: Mesh<Geometry, Shader>;
  readonly #geometry: Geometry;
  readonly #buffer: Buffer;
  readonly #words: number;
  #vertices = new Float32Array(0);
  #bits = new Uint32Array(0);
  #count = 0;
  floats = new Float32Array(0);
  bytes = new Uint32Array(0);

  constructor(options: QuadsOptions) {
    const sizes = Object.values(options.attributes).map((size) => (size === 'bytes' ? 1 : size));
    this.#words = sizes.reduce<number>((sum, size) => sum + size, 0);
    this.#buffer = new Buffer({ data: this.#vertices, usage: BufferUsage.VERTEX | BufferUsage.COPY_DST });
    let offset = 0;
    const attributes = Object.entries(options.attributes).map(([name, size], index) => {
      const attribute = {
        buffer: this.#buffer,
        format: FORMATS[size],
        stride: this.#words * 4,
        offset,
      };
      offset += sizes[index]! * 4;
      return [name, attribute] as const;
    });
    this.#geometry = new Geometry({
      attributes: Object.fromEntries(attributes),
      indexBuffer: new Uint32Array(0),
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

  /** The uniforms of the shader. */
  get uniforms(): Record<string, number | Float32Array> {
    return (this.mesh.shader!.resources['own'] as { uniforms: Record<string, number | Float32Array> })
      .uniforms;
  }

  get words(): number {
    return this.#words;
  }

  get count(): number {
    return this.#count;
  }

  /** Makes room for `more` quads after the first `count`. */
  reserveMore(count: number, more: number): void {
    const wanted = (count + more) * this.#words;
    if (wanted <= this.floats.length) return;
    const grown = new Float32Array(Math.ceil((wanted * 1.5) / this.#words) * this.#words);
    grown.set(this.floats);
    this.floats = grown;
    this.bytes = new Uint32Array(grown.buffer);
    this.#vertices = new Float32Array(grown.length * 4);
    this.#bits = new Uint32Array(this.#vertices.buffer);
    this.#buffer.data = this.#vertices;
    const corners = new Uint32Array((grown.length / this.#words) * TRIANGLES.length);
    for (let i = 0; i < corners.length; i++)
      corners[i] = Math.floor(i / TRIANGLES.length) * 4 + TRIANGLES[i % TRIANGLES.length]!;
    this.#geometry.indexBuffer.data = corners;
  }

  /** Uploads and shows the first `count` quads. */
  show(count: number): void {
    this.#count = count;
    this.mesh.visible = count > 0;
    if (count === 0) return;
    const words = this.#words;
    // Copied as integers: colour bytes may form a NaN, which a float copy may alter.
    for (let quad = 0, to = 0; quad < count; quad++)
      for (let vertex = 0; vertex < 4; vertex++)
        for (let word = 0; word < words; word++) this.#bits[to++] = this.bytes[quad * words + word]!;
    this.#geometry.indexCount = count * TRIANGLES.length;
    this.#buffer.update(count * words * 16);
  }
}
