// The rows of the table, and what a runtime cannot have, with the reason.

/** @typedef {'node20' | 'node22' | 'node24' | 'node26' | 'bun' | 'deno' | 'workerd' | 'chromium'} RuntimeId */

/**
 * @typedef {object} Feature
 * @property {string} id What cases name.
 * @property {string} title
 * @property {Partial<Record<RuntimeId, string>>} [lacks] Why it is not there. Its cases, if they can be loaded, have to fail.
 * @property {Partial<Record<RuntimeId, string>>} [how] It is there in another way than elsewhere.
 */

const NO_SOCKETS = 'A page has no sockets.'
const BY_CONNECT = 'Over `connect()` of `cloudflare:sockets` and `connectionFromStreams`.'
const PARTIAL_NET =
  'Its `node:net` takes away the memory that it is lent for a read (`onread`), and cannot listen; `connect()` takes its place.'
const NO_NODE = { workerd: PARTIAL_NET, chromium: NO_SOCKETS }
const SOCKETS = { lacks: { chromium: NO_SOCKETS }, how: { workerd: BY_CONNECT } }
const NO_ZSTD = 'Its zlib has no zstd.'
const SHORT =
  'Of content that is cut short its zlib makes a shorter one without an error, so it is not asked for.'

/** @type {readonly Feature[]} */
export const FEATURES = [
  { id: 'reader', title: 'Stream reader: the laws, decoders' },
  { id: 'sources', title: 'Readers over Web streams, blobs, iterables' },
  { id: 'writer', title: 'Stream writer: the laws, encoders' },
  { id: 'sinks', title: 'Writers over Web streams, pipes' },
  { id: 'http1', title: 'HTTP/1 codec' },
  { id: 'memory', title: 'Transport and connections in memory' },
  { id: 'web-streams', title: 'Connections over Web streams' },
  { id: 'session-in-memory', title: "Session over a connector of one's own" },
  { id: 'fetch', title: 'Session: `fetch`, records and replays' },
  { id: 'policies', title: 'Policies: retry, authentication, cookies, events' },
  { id: 'compress', title: 'Policies: compressed requests' },
  {
    id: 'digest-md5',
    title: 'Policies: digest authentication by MD5',
    lacks: { chromium: 'A page has no MD5.' },
  },
  { id: 'tcp', title: 'TCP: echo, half-close, back-pressure, reset', ...SOCKETS },
  {
    id: 'byte-counts',
    title: 'Byte counts of a connection',
    ...SOCKETS,
  },
  { id: 'tls', title: 'TLS: echo, a certificate that is not trusted', ...SOCKETS },
  { id: 'tls-facts', title: 'TLS: ALPN, names', lacks: NO_NODE },
  {
    id: 'tls-refused',
    title: 'TLS: why a certificate is refused',
    lacks: NO_NODE,
  },
  {
    id: 'starttls',
    title: '`startTls`',
    lacks: {
      ...NO_NODE,
      deno: 'Its handshake never ends over a socket that reads into lent memory (`onread`).',
    },
  },
  { id: 'protocol', title: 'Protocols on sockets, lent memory', lacks: NO_NODE },
  { id: 'server', title: 'Servers, with and without TLS', lacks: NO_NODE },
  {
    id: 'unix',
    title: 'Unix sockets',
    lacks: { workerd: 'A worker has no files.', chromium: NO_SOCKETS },
  },
  { id: 'keep-alive', title: 'Session: keep-alive, redirects', ...SOCKETS },
  { id: 'chunked', title: 'Session: chunks, trailers, lines', ...SOCKETS },
  { id: 'upload', title: 'Session: uploads of any kind', ...SOCKETS },
  { id: 'abort', title: 'Session: abort, time limits, connections lost', ...SOCKETS },
  { id: 'https', title: 'Session: https', ...SOCKETS },
  { id: 'upgrade', title: 'Session: upgrade', ...SOCKETS },
  { id: 'proxies', title: 'Proxies: HTTP, SOCKS5', ...SOCKETS },
  { id: 'gzip', title: 'Content coding gzip', ...SOCKETS },
  { id: 'deflate', title: 'Content coding deflate', ...SOCKETS },
  {
    id: 'br',
    title: 'Content coding br',
    lacks: { ...SOCKETS.lacks, deno: SHORT },
    how: SOCKETS.how,
  },
  {
    id: 'zstd',
    title: 'Content coding zstd',
    lacks: {
      ...SOCKETS.lacks,
      node20: NO_ZSTD,
      node22: SHORT,
      bun: SHORT,
      deno: SHORT,
      workerd: 'It says that it is Node 22, of which zstd is not asked for.',
    },
    how: SOCKETS.how,
  },
  { id: 'coded-content', title: 'Coded content that is cut short is never whole', ...SOCKETS },
  {
    id: 'require',
    title: 'CommonJS',
    lacks: { workerd: 'Workers are bundled from modules.', chromium: 'A page has no `require`.' },
  },
  {
    id: 'exit',
    title: 'The process ends by itself, idle connections or not',
    lacks: { workerd: 'The worker is not its own process.', chromium: 'The page is not its own process.' },
  },
]
