// Runs a decoder over the same octets in different pieces. Every call sees another array with another start, and
// the array of the call before is overwritten: a decoder that keeps an index or a view shows at once.
import { expect } from 'vitest'
import type { BodyDecoder } from './body-decoder.ts'
import type { ByteWindow, Decoder } from './byte-window.ts'
import { isHttp1Error } from './errors.ts'
import type { RequestHead } from './request-head.ts'
import type { ResponseHead } from './response-head.ts'

/** Octets of a text, one for each character. */
export function octets(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}

/** The same octets whole, one by one, and cut in two at every place. */
export function everySplit(wire: Uint8Array): Uint8Array[][] {
  const splits = [[wire], Array.from(wire, (octet) => Uint8Array.of(octet))]
  for (let at = 1; at < wire.length; at += 1) splits.push([wire.subarray(0, at), wire.subarray(at)])
  return splits
}

export class TestWindow implements ByteWindow {
  bytes: Uint8Array = new Uint8Array(0)
  start = 0
  end = 0
  ended = false
  #callCount = 0

  feed(chunk: Uint8Array): void {
    this.#move(chunk)
  }

  /** What is left, as text. */
  get rest(): string {
    return String.fromCharCode(...this.bytes.subarray(this.start, this.end))
  }

  skip(byteCount: number): void {
    if (byteCount > this.end - this.start) throw new RangeError('more than there is')
    this.start += byteCount
  }

  /** Moves the octets to a new array. */
  #move(more: Uint8Array): void {
    const old = this.bytes.subarray(this.start, this.end)
    this.#callCount += 1
    const start = this.#callCount % 7
    const bytes = new Uint8Array(start + old.length + more.length + 3).fill(0x0a)
    bytes.set(old, start)
    bytes.set(more, start + old.length)
    this.bytes.fill(0xee)
    this.bytes = bytes
    this.start = start
    this.end = start + old.length + more.length
  }
}

/** What came of it, as plain data that can be compared. */
export interface Outcome {
  readonly value?: unknown
  readonly error?: unknown
  /** Octets that were not consumed. */
  readonly rest: string
}

export type Ending = 'then the stream ends' | 'then nothing'

/** Decodes one value and gives it to `show`. */
export function outcomeOf<T>(
  decode: Decoder<T>,
  chunks: readonly Uint8Array[],
  options: { readonly show: (value: T) => unknown; readonly ending?: Ending },
): Outcome {
  const window = new TestWindow()
  let found: { value?: unknown; error?: unknown } | undefined
  const step = (): void => {
    if (found !== undefined) return
    const before = window.rest
    try {
      const value = decode(window)
      if (value !== undefined) found = { value: options.show(value) }
      else expect(window.rest, 'undefined consumes nothing').toBe(before)
    } catch (error) {
      if (!isHttp1Error(error)) throw error
      found = { error: error.toJSON() }
      expect(() => decode(window), 'a failure is kept').toThrow(error)
    }
  }
  step()
  for (const chunk of chunks) {
    window.feed(chunk)
    step()
  }
  if (options.ending === 'then the stream ends') {
    window.ended = true
    step()
  }
  return { ...found, rest: window.rest }
}

/** Decodes a body to its end. */
export function bodyOutcome(
  decoder: BodyDecoder,
  chunks: readonly Uint8Array[],
  options: { readonly ending?: Ending; readonly maxByteCount?: number } = {},
): Outcome {
  let content = ''
  const whole: Decoder<string> = (window) => {
    for (;;) {
      const { bytes } = window
      const step = decoder.next(window, options.maxByteCount)
      if (step === 'end') return content
      if (step === undefined) return undefined
      content += String.fromCharCode(...bytes.subarray(decoder.dataStart, decoder.dataEnd))
    }
  }
  return bodyOutcomeOf(whole, chunks, { decoder, content: () => content, ...options })
}

function bodyOutcomeOf(
  whole: Decoder<string>,
  chunks: readonly Uint8Array[],
  options: { readonly decoder: BodyDecoder; readonly content: () => string; readonly ending?: Ending },
): Outcome {
  const window = new TestWindow()
  const all = [...chunks]
  try {
    for (;;) {
      const before = options.content().length
      const room = window.end - window.start
      const value = whole(window)
      if (value !== undefined) {
        for (const chunk of all) window.feed(chunk)
        return { value: { content: value, trailers: [...options.decoder.trailers] }, rest: window.rest }
      }
      if (options.content().length === before) expect(window.end - window.start).toBe(room)
      const chunk = all.shift()
      if (chunk !== undefined) window.feed(chunk)
      else if (window.ended || options.ending !== 'then the stream ends') break
      else window.ended = true
    }
    return { value: { soFar: options.content() }, rest: '' }
  } catch (error) {
    if (!isHttp1Error(error)) throw error
    expect(() => options.decoder.next(window), 'a failure is kept').toThrow(error)
    return { value: { soFar: options.content() }, error: error.toJSON(), rest: '' }
  }
}

/** The same outcome for every split of the octets; returns it. */
export function sameForEverySplit(wire: string, run: (chunks: readonly Uint8Array[]) => Outcome): Outcome {
  const [first, ...others] = everySplit(octets(wire))
  const expected = run(first!)
  for (const chunks of others) {
    expect(run(chunks), `chunks of ${chunks.map((chunk) => chunk.length).join(',')}`).toEqual(expected)
  }
  return expected
}

/** A response head as plain data. */
export function shownResponse(head: ResponseHead): unknown {
  const { minorVersion, status, reasonPhrase, fields } = head
  return { minorVersion, status, reasonPhrase, fields: fields.raw() }
}

/** A request head as plain data. */
export function shownRequest(head: RequestHead): unknown {
  const { method, target, targetForm, minorVersion, fields } = head
  return { method, target, targetForm, minorVersion, fields: fields.raw() }
}
