/** Content in every coding, and every way to cut it. */
import { createRequire, syncBuiltinESMExports } from 'node:module'
import * as zlib from 'node:zlib'
import { knownCodings } from './content-coding.ts'
import type { CodedFormat } from './content-coding.ts'
import type { ClientResponse, RequestOptions, SessionOptions } from './index.ts'
import { answering, memoryServer, readRequest, settle } from './memory-server.test-support.ts'
import type { Script } from './memory-server.test-support.ts'

export const URL = 'http://a.example/'
export const HELLO = 'Hello, Hello, Hello'

type Encode = (bytes: Uint8Array) => Uint8Array

const ENCODERS: Record<CodedFormat, Encode | undefined> = {
  gzip: zlib.gzipSync,
  zlib: zlib.deflateSync,
  'deflate-raw': zlib.deflateRawSync,
  br: zlib.brotliCompressSync,
  zstd: (zlib as { zstdCompressSync?: Encode }).zstdCompressSync,
}

/** Those of the codings that this runtime is known to undo. */
export const FORMATS: readonly CodedFormat[] = knownCodings().flatMap((coding) =>
  coding === 'deflate' ? (['zlib', 'deflate-raw'] as const) : [coding],
)

export const HAS_BR: boolean = FORMATS.includes('br')
export const HAS_ZSTD: boolean = FORMATS.includes('zstd')

/** Whether `zlibStreamsOf` can see any: only Node lets its own modules be watched. */
export const SEES_STREAMS: boolean = !('bun' in process.versions || 'deno' in process.versions)

export function encoded(format: CodedFormat, content: Uint8Array | string): Uint8Array {
  const encode = ENCODERS[format]
  if (encode === undefined) throw new Error(`no ${format} here`)
  return new Uint8Array(encode(typeof content === 'string' ? Buffer.from(content) : content))
}

export function bytes(...parts: (Uint8Array | readonly number[] | string)[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts.map((part) => Buffer.from(part as Uint8Array))))
}

export function text(content: Uint8Array): string {
  return Buffer.from(content).toString()
}

/** Octet by octet, whole, and in every two pieces. */
export function* cuts(content: Uint8Array): Generator<Uint8Array[]> {
  yield [content]
  yield [...content].map((octet) => Uint8Array.of(octet))
  for (let at = 1; at < content.length; at++) yield [content.slice(0, at), content.slice(at)]
}

/** A response with this content, one character an octet; chunked, in one chunk, where it says so. */
export function codedResponse(coding: string, content: Uint8Array, fields: string = ''): string {
  const octets = Buffer.from(content).toString('latin1')
  const head = `HTTP/1.1 200 OK\r\nContent-Encoding: ${coding}\r\n${fields}`
  return `${head}Content-Length: ${content.length}\r\n\r\n${octets}`
}

const OPENS = /^create(Gunzip|Inflate|InflateRaw|BrotliDecompress|ZstdDecompress)$/

/** Collects every stream of zlib's that is made while `run` runs, to see that none is left open. */
export async function zlibStreamsOf(run: () => Promise<void>): Promise<{ destroyed: boolean }[]> {
  const made: { destroyed: boolean }[] = []
  if (!SEES_STREAMS) {
    await run()
    return made
  }
  const module = createRequire(import.meta.url)('node:zlib') as typeof zlib
  const descriptors = Object.entries(Object.getOwnPropertyDescriptors(module)).filter(([name]) =>
    OPENS.test(name),
  )
  for (const [name, descriptor] of descriptors) {
    const open = descriptor.value as (options: object) => { destroyed: boolean }
    const value = (options: object): { destroyed: boolean } => {
      const stream = open(options)
      made.push(stream)
      return stream
    }
    Object.defineProperty(module, name, { ...descriptor, value })
  }
  syncBuiltinESMExports()
  try {
    await run()
  } finally {
    for (const [name, descriptor] of descriptors) Object.defineProperty(module, name, descriptor)
    syncBuiltinESMExports()
  }
  return made
}

/** `deflate` in both of its formats. */
export const CODINGS: readonly { format: CodedFormat; coding: string }[] = FORMATS.map((format) => ({
  format,
  coding: format === 'zlib' || format === 'deflate-raw' ? 'deflate' : format,
}))

/** Chunked, each octet a chunk. */
export function chunked(coding: string, content: Uint8Array): string {
  const chunks = [...content].map((octet) => `1\r\n${String.fromCharCode(octet)}\r\n`)
  return `HTTP/1.1 200 OK\r\nContent-Encoding: ${coding}\r\nTransfer-Encoding: chunked\r\n\r\n${chunks.join('')}0\r\nX-Sum: 7\r\n\r\n`
}

/** Writes an answer in these pieces, each for itself. */
export function inPieces(...pieces: string[]): Script {
  return async (peer) => {
    await readRequest(peer)
    for (const piece of pieces) {
      peer.writer.writeText(piece, 'latin1')
      await peer.writer.flush()
      await settle()
    }
  }
}

/** The answer of a new session to a request. */
export async function get(
  wire: string | Script,
  options?: SessionOptions,
  request?: RequestOptions,
): Promise<ClientResponse> {
  const { session } = memoryServer(typeof wire === 'string' ? answering(wire) : wire, options)
  return session.get(URL, request)
}

async function chunksOf(response: ClientResponse): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of response) chunks.push(chunk)
  return bytes(...chunks)
}

/** Every way to read a body to its end, as text. */
export const READS: readonly { name: string; read: (response: ClientResponse) => Promise<string> }[] = [
  { name: 'bytes', read: async (response) => text(await response.bytes()) },
  { name: 'text', read: (response) => response.text() },
  { name: 'for await', read: async (response) => text(await chunksOf(response)) },
  { name: 'reader', read: async (response) => text(await response.reader().readAll()) },
  { name: 'stream', read: (response) => new Response(response.toReadableStream()).text() },
]

/** The body's own failure, which a reader gives as a cause. */
export function failure(error: unknown): unknown {
  return (error as { code?: string }).code === 'ERR_STREAM_FAILED' ? (error as Error).cause : error
}
