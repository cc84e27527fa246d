/**
 * Content codings by `node:zlib`: the only file here that imports it, loaded only when a coded body is met.
 *
 * zlib's streams end silently at the end of the coded data, whatever follows; only their count of what they have consumed tells. Where that end is
 * depends on how the input was cut: several gzip members are one stream to them, zstd frames only if they come one by one. Here it does not matter.
 */
import type { Transform } from 'node:stream'
import * as zlib from 'node:zlib'
import type { CodedFormat } from './content-coding.ts'
import type { ByteSource, DecodingEngines } from './decoding-engines.ts'

type ZlibStream = Transform & { readonly bytesWritten: number }
type WholeOptions = Pick<zlib.ZlibOptions, 'chunkSize' | 'maxOutputLength' | 'info'>

/** What `info` makes of the result; the type library does not know. */
interface WholeResult {
  readonly buffer: Uint8Array
  readonly engine: { readonly bytesWritten: number }
}

interface Format {
  open(): ZlibStream
  whole(coded: Uint8Array, options: WholeOptions): unknown
  /** What may stand behind the end of the coded data. RFC 8878 section 3: another frame. */
  readonly behind: 'nothing' | 'zeros' | 'frames'
}

/** Not in every release that Node 20 types describe. */
interface Zstd {
  createZstdDecompress?(options: object): ZlibStream
  zstdDecompressSync?(coded: Uint8Array, options: object): unknown
  readonly constants: { readonly ZSTD_d_windowLogMax?: number }
}

/** Bytes decoded in one step, and held until they are read. */
const STEP = { chunkSize: 65_536, highWaterMark: 65_536 }
/** Below this, most content decodes to less than zlib's usual piece. */
const SMALL_BYTE_COUNT = 4096
/** A new frame costs far more than its nine octets: beyond so many there must be so many octets for each. */
const FREE_FRAMES = 1000
const FRAME_BYTE_COUNT = 1024
const EMPTY = new Uint8Array(0)

// The floor's types do not have what newer releases do: every member is looked for before it is used.
const zstd = zlib as unknown as Zstd
/** RFC 9659: content codings have windows of 8 MiB at most. */
const ZSTD_WINDOW = { params: { [zstd.constants.ZSTD_d_windowLogMax ?? 0]: 23 } }

const FORMATS: Record<CodedFormat, Format> = {
  gzip: { open: () => zlib.createGunzip(STEP), whole: zlib.gunzipSync, behind: 'zeros' },
  zlib: { open: () => zlib.createInflate(STEP), whole: zlib.inflateSync, behind: 'nothing' },
  'deflate-raw': { open: () => zlib.createInflateRaw(STEP), whole: zlib.inflateRawSync, behind: 'nothing' },
  br: { open: () => zlib.createBrotliDecompress(STEP), whole: zlib.brotliDecompressSync, behind: 'nothing' },
  zstd: {
    open() {
      const stream = zstd.createZstdDecompress?.({ ...STEP, ...ZSTD_WINDOW })
      if (stream === undefined) throw new Error('this runtime has no zstd')
      return stream
    },
    whole: (coded, options) => zstd.zstdDecompressSync?.(coded, { ...options, ...ZSTD_WINDOW }),
    behind: 'frames',
  },
}

export const zlibEngines: DecodingEngines = {
  open: (format, coded) => new ZlibSource(FORMATS[format], coded),
  decodeWhole(format, coded, maxByteCount) {
    if (maxByteCount < 1) return null
    const { whole, behind } = FORMATS[format]
    const chunkSize = coded.length < SMALL_BYTE_COUNT ? 16_384 : STEP.chunkSize
    try {
      const result = whole(coded, { chunkSize, maxOutputLength: maxByteCount, info: true })
      const { buffer, engine } = result as WholeResult
      const rest = coded.subarray(engine.bytesWritten)
      if (rest.length > 0 && !(behind === 'zeros' && isZeros(rest))) return null
      // Not the buffer itself: it may be a small part of the memory that zlib took.
      return new Uint8Array(buffer)
    } catch {
      return null
    }
  },
}

class ZlibSource implements ByteSource {
  readonly #format: Format
  readonly #coded: ByteSource
  #stream: ZlibStream
  /** `behind`: the coded data is over, and what follows is looked at. */
  #state: 'hungry' | 'busy' | 'behind' | 'ended' = 'hungry'
  /** Given to the stream, last and in all. */
  #given: Uint8Array = EMPTY
  #givenByteCount = 0
  /** Of all streams before this one. */
  #takenBefore = 0
  #frameCount = 1
  #failure: { readonly reason: unknown } | null = null
  #wake = (): void => {}

  constructor(format: Format, coded: ByteSource) {
    this.#format = format
    this.#coded = coded
    this.#stream = this.#open()
  }

  async pull(): Promise<Uint8Array | null> {
    for (;;) {
      if (this.#failure !== null) throw this.#failure.reason
      const decoded = this.#stream.read() as Uint8Array | null
      if (decoded !== null) return decoded
      if (this.#state === 'ended') return null
      if (this.#state === 'busy') await new Promise<void>((resolve) => (this.#wake = resolve))
      else if (!this.#lookBehind()) await this.#feed()
    }
  }

  destroy(reason: unknown): void {
    this.#fail(reason)
    this.#stream.destroy()
  }

  /** The stream's own failure is the first, or it is of no interest. */
  #fail(reason: unknown): void {
    this.#failure ??= { reason }
    this.#wake()
  }

  #open(): ZlibStream {
    const stream = this.#format.open()
    stream.on('readable', () => this.#wake())
    stream.on('error', (error) => this.#fail(error))
    stream.on('end', () => this.#isIdle(stream))
    return stream
  }

  /** The stream has done what it could with what it was given. */
  #isIdle(stream: ZlibStream): void {
    if (stream !== this.#stream || this.#state !== 'busy') return
    this.#state = stream.writableEnded ? 'ended' : 'hungry'
    this.#wake()
  }

  async #feed(): Promise<void> {
    const chunk = await this.#coded.pull()
    if (this.#failure !== null) return
    if (chunk !== null) return this.#state === 'behind' ? this.#checkBehind(chunk) : this.#give(chunk)
    if (this.#state === 'behind') {
      this.#state = 'ended'
      return
    }
    this.#state = 'busy'
    this.#stream.end()
  }

  #give(chunk: Uint8Array): void {
    const stream = this.#stream
    this.#state = 'busy'
    this.#given = chunk
    this.#givenByteCount += chunk.length
    stream.write(chunk, () => this.#isIdle(stream))
  }

  /** Whether the stream has left something of what it was given: it is behind the end of its data. */
  #lookBehind(): boolean {
    const taken = this.#takenBefore + this.#stream.bytesWritten
    if (this.#state === 'behind' || taken === this.#givenByteCount) return false
    const rest = this.#given.subarray(this.#given.length - (this.#givenByteCount - taken))
    this.#stream.destroy()
    if (this.#format.behind === 'frames') {
      this.#nextFrame(taken, rest)
    } else {
      this.#state = 'behind'
      this.#checkBehind(rest)
    }
    return true
  }

  #nextFrame(taken: number, rest: Uint8Array): void {
    this.#frameCount += 1
    if (this.#frameCount > FREE_FRAMES + taken / FRAME_BYTE_COUNT) throw new Error('too many small frames')
    this.#stream = this.#open()
    this.#takenBefore = this.#givenByteCount = taken
    this.#give(rest)
  }

  #checkBehind(rest: Uint8Array): void {
    if (this.#format.behind === 'zeros' && isZeros(rest)) return
    throw new Error('something follows the end of the coded data')
  }
}

function isZeros(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0)
}
