import { json, type NamedLie } from './find-lies.ts';

const written = () => json(200, { cursor: '7-00000000', changed: 1 });

/** The lies about regions. */
export const REGION_LIES: readonly NamedLie[] = [
  {
    what: 'lets others into a region',
    breaks: 'regions',
    ask: ({ method, path }) =>
      method === 'PATCH' && path.endsWith('-stranger/tiles') ? written() : undefined,
  },
  {
    what: 'keeps others out when the region has gone',
    breaks: 'regions',
    ask: ({ method, path }) => (method === 'DELETE' && path.startsWith('/regions/') ? written() : undefined),
  },
  {
    what: 'leaves regions out of the map',
    breaks: 'regions',
    reply: ({ path }, replied) => {
      if (path.startsWith('/manifest?')) replied.body = replied.body.replace('"regions":', '"plots":');
    },
  },
  {
    what: 'answers the renewals of a region itself',
    breaks: 'leases',
    ask: ({ path }) =>
      /^\/regions\/.*\/lease$/.test(path) ? json(200, { lease: {}, cursor: '1-00000000' }) : undefined,
  },
];
