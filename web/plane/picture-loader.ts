/** The most bytes that are read of a picture. */
const MAX_BYTES = 8 * 2 ** 20;
/** Pictures are kept this wide and high at most: no tile is larger on the screen, and two thousand of them fit the memory. */
const MAX_PIXELS = 256;

/** Reads the picture at `url`. Rejects when there is none, or when it is too large or no picture. */
export async function loadPicture(url: string): Promise<ImageBitmap> {
  const stop = new AbortController();
  try {
    const reply = await fetch(url, { signal: stop.signal });
    if (!reply.ok || !reply.body) throw new Error(`HTTP ${reply.status}`);
    const type = reply.headers.get('content-type') ?? '';
    if (type.startsWith('text/')) throw new Error(`no picture, but ${type}`);
    const announced = Number(reply.headers.get('content-length'));
    if (announced > MAX_BYTES) throw new Error(`${announced} bytes`);
    return await decoded(new Blob(await read(reply.body), { type }));
  } finally {
    // Ends a reply that is not wanted to its end.
    stop.abort();
  }
}

async function read(body: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<Uint8Array<ArrayBuffer>[]> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const reader = body.getReader();
  for (let bytes = 0; ;) {
    const { value, done } = await reader.read();
    if (done) return parts;
    bytes += value.length;
    if (bytes > MAX_BYTES) throw new Error(`more than ${MAX_BYTES} bytes`);
    parts.push(value);
  }
}

async function decoded(blob: Blob): Promise<ImageBitmap> {
  if (blob.type.startsWith('image/svg')) return decodedSvg(blob);
  const whole = await createImageBitmap(blob);
  const { width, height } = whole;
  if (Math.max(width, height) <= MAX_PIXELS) return whole;
  try {
    return await createImageBitmap(whole, sizeOf(width, height));
  } finally {
    whole.close();
  }
}

/** By an image element: it knows SVG, which `createImageBitmap` does not, and runs nothing that is in it. */
async function decodedSvg(blob: Blob): Promise<ImageBitmap> {
  const image = new Image();
  image.src = URL.createObjectURL(blob);
  try {
    await image.decode();
    return await createImageBitmap(image, sizeOf(image.naturalWidth, image.naturalHeight));
  } finally {
    URL.revokeObjectURL(image.src);
  }
}

/** An SVG may say no size. */
function sizeOf(width: number, height: number): ImageBitmapOptions {
  const scale = Math.min(1, MAX_PIXELS / Math.max(width, height, 1));
  const sideOf = (side: number) => Math.max(1, Math.round((side || MAX_PIXELS) * scale));
  return { resizeWidth: sideOf(width), resizeHeight: sideOf(height), resizeQuality: 'medium' };
}
