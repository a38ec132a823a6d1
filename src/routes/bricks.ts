import { Readable } from 'node:stream';
import { Type } from '@sinclair/typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SHELVES, type Shelf, type StoredFile } from '../domain/brick-files.ts';
import { rangeOf, type ByteRange } from '../domain/byte-range.ts';
import { DomainError } from '../domain/errors.ts';
import { hashEtag, isFresh, sendConditional, sendTagged } from '../plugins/conditional.ts';
import { wholeFile, type FilePicture, type Picture } from '../services/bricks/pictures.ts';
import { AnyQuery } from './parameters.ts';
import { MetadataParams, PictureParams } from './schemas/geometry-os.ts';
import { empty, json, picture, withNotModified } from './schemas/replies.ts';
import type { Routes } from './services.ts';

/** Bytes up to which a file is read at once and closed. */
const SMALL = 256 * 1024;
/** An SVG may hold a script, and a browser shows it as a page of ours. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
/** Another number when the same name is drawn in another way. */
const DRAWING = 1;

const OPERATIONS: Readonly<Record<Shelf, readonly [operationId: string, summary: string]>> = {
  queue: ['getPicture', 'Read the picture of a brick'],
  processed: ['getProcessedPicture', 'Read the picture of a brick that was processed'],
  map: ['getMapPicture', 'Read the picture of a brick of the map'],
};

/** `/builder/*`: pictures of bricks and metadata, where InfiniteMap looks for them. */
export const brickRoutes: Routes<'pictures' | 'fileStreams'> = async (server, { pictures, fileStreams }) => {
  for (const shelf of SHELVES) {
    const [operationId, summary] = OPERATIONS[shelf];
    server.get(
      `/builder/${shelf}/:brick`,
      {
        config: {
          scope: 'read',
          errors: ['not-found', 'unsatisfiable-range', 'store-unavailable', 'overloaded'],
        },
        schema: {
          operationId,
          summary,
          description:
            'From the folder, or the compositor that has such a tile, or drawn from the name, as the settings `bricks.*` say. Ranges of files are served. Any query is ignored.',
          params: PictureParams,
          // InfiniteMap adds the timestamp of the tile.
          querystring: AnyQuery,
          response: {
            ...withNotModified(picture('The picture.', ['ETag', 'Accept-Ranges'])),
            ...picture('The part of it that `Range` names.', ['ETag', 'Accept-Ranges', 'Content-Range'], 206),
            ...empty(302, '`bricks.from` is an address: there.', ['Location']),
          },
        },
      },
      async (request, reply) => {
        const { brick } = request.params;
        const found = await pictures.find(shelf, brick);
        if (!found) throw new DomainError('not-found', `there is no picture of ${JSON.stringify(brick)}`);
        reply.header('cache-control', 'no-cache').header('content-security-policy', POLICY);
        return send(request, reply, { found, brick });
      },
    );
  }

  server.get(
    '/builder/metadata/:file',
    {
      config: { scope: 'read', errors: ['not-found', 'overloaded'] },
      schema: {
        operationId: 'getMetadata',
        summary: 'Read a file with metadata',
        description:
          'From the folder that `bricks.from` names: 404 where that is not set, or has no such file. Any query is ignored.',
        params: MetadataParams,
        querystring: AnyQuery,
        response: withNotModified(json('What the file holds.', Type.Unknown(), ['ETag'])),
      },
    },
    async (request, reply) => sendTagged(request, reply, await pictures.metadata(request.params.file)),
  );

  async function send(
    request: FastifyRequest,
    reply: FastifyReply,
    { found, brick }: { found: Picture; brick: string },
  ): Promise<FastifyReply> {
    switch (found.from) {
      case 'elsewhere':
        return reply.redirect(found.url, 302);
      case 'owner':
        return sendConditional(
          request,
          reply.type(found.picture.type),
          found.picture.body,
          found.picture.etag,
        );
      case 'name': {
        const etag = hashEtag(`${DRAWING} ${brick}`);
        if (isFresh(request.headers['if-none-match'], etag))
          return reply.header('etag', etag).code(304).send();
        return reply
          .header('etag', etag)
          .type('image/png')
          .send(await found.draw());
      }
      case 'file':
        await sendFile(request, reply, found.picture);
        return reply;
    }
  }

  async function sendFile(request: FastifyRequest, reply: FastifyReply, picture: FilePicture): Promise<void> {
    let isTaken = false;
    try {
      isTaken = await sendOpenFile(request, reply, picture);
    } finally {
      // Who sends it piece by piece closes it in the end.
      if (!isTaken) await picture.file.close();
    }
  }

  /** Whether the file is still needed when it returns. */
  async function sendOpenFile(
    request: FastifyRequest,
    reply: FastifyReply,
    { type, file }: FilePicture,
  ): Promise<boolean> {
    const { size, etag } = file;
    reply.header('etag', etag).header('accept-ranges', 'bytes');
    if (isFresh(request.headers['if-none-match'], etag)) {
      void reply.code(304).send();
      return false;
    }
    const range = rangeFor(request, file);
    if (range === 'beyond') {
      reply.header('content-range', `bytes */${size}`);
      throw new DomainError('unsatisfiable-range', `the picture has ${size} bytes`);
    }
    const wanted = range ?? { start: 0, end: size - 1 };
    const isSmall = size <= SMALL;
    const body = isSmall
      ? (await wholeFile(file)).subarray(wanted.start, wanted.end + 1)
      : await largeBody(request, file, wanted);
    if (!isSmall) reply.header('content-length', String(wanted.end - wanted.start + 1));
    if (range) reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${size}`);
    void reply.type(type).send(body);
    return !isSmall && request.method !== 'HEAD';
  }

  /** Nothing for HEAD: Fastify would read it to its end. */
  async function largeBody(request: FastifyRequest, file: StoredFile, wanted: ByteRange): Promise<Readable> {
    return request.method === 'HEAD' ? Readable.from([]) : fileStreams.open(file, wanted);
  }
};

/** The range that a request wants: one that is meant for another version of the file counts for nothing. */
function rangeFor({ headers }: FastifyRequest, { size, etag }: StoredFile): ByteRange | 'beyond' | undefined {
  const condition = headers['if-range'];
  return condition === undefined || condition === etag ? rangeOf(headers.range, size) : undefined;
}
