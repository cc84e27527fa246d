/** Ways to give bytes to a reader, and to cut them. */
import fc from 'fast-check'
import { StreamReader } from './index.ts'
import type { StreamReaderOptions } from './index.ts'

export function ascii(content: string): Uint8Array {
  return Uint8Array.from(content, (character) => character.charCodeAt(0))
}

export function text(bytes: Uint8Array | null | undefined): string | null | undefined {
  return bytes instanceof Uint8Array ? String.fromCharCode(...bytes) : bytes
}

/** A reader that was fed `content`. */
export function readerOf(content: string | Uint8Array, options?: StreamReaderOptions): StreamReader {
  const reader = new StreamReader(options)
  feed(reader, content)
  return reader
}

/** Feeds an array of its own. */
export function feed(reader: StreamReader, content: string | Uint8Array): void {
  reader.feed(typeof content === 'string' ? ascii(content) : content.slice())
}

/** Fills what the reader lends, and overwrites it as soon as it is given back. */
export function lend(reader: StreamReader, content: string | Uint8Array): void {
  const bytes = typeof content === 'string' ? ascii(content) : content
  for (let at = 0; at < bytes.length;) {
    const lent = reader.getBuffer()
    const piece = bytes.subarray(at, at + lent.length)
    lent.set(piece)
    reader.bufferUpdated(piece.length)
    // A lent tail is part of the reader's window by now; the scratch buffer is nobody's.
    if (lent.byteLength === lent.buffer.byteLength && lent.byteLength === 65_536) lent.fill(0xee)
    at += piece.length
  }
}

export type Way = 'fed' | 'lent' | 'mixed'

export const WAYS: readonly Way[] = ['fed', 'lent', 'mixed']

/** Feeds chunks one way, or both in turn. */
export function feedAll(reader: StreamReader, chunks: readonly Uint8Array[], way: Way = 'fed'): void {
  for (const [index, chunk] of chunks.entries()) feedOne(reader, chunk, way, index)
}

export function feedOne(reader: StreamReader, chunk: Uint8Array, way: Way, index: number): void {
  if (way === 'fed' || (way === 'mixed' && index % 2 === 0)) feed(reader, chunk)
  else lend(reader, chunk)
}

/** All ways to cut `bytes` in up to three pieces, and into single bytes. */
export function everySplit(bytes: Uint8Array): Uint8Array[][] {
  const splits = [[bytes], Array.from(bytes, (byte) => Uint8Array.of(byte))]
  for (let first = 1; first < bytes.length; first++) {
    splits.push([bytes.subarray(0, first), bytes.subarray(first)])
    for (let second = first + 1; second < bytes.length; second++) {
      splits.push([bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)])
    }
  }
  return splits
}

/** `bytes` in random pieces. */
export function cuts(bytes: Uint8Array): fc.Arbitrary<Uint8Array[]> {
  return fc.array(fc.nat(bytes.length), { maxLength: 8 }).map((at) => {
    const borders = [0, ...at.toSorted((a, b) => a - b), bytes.length]
    return borders.slice(1).map((border, index) => bytes.subarray(borders[index], border))
  })
}

/** A timer that fires when told to. */
export class ManualTimer {
  #callbacks = new Map<() => void, number>()

  readonly setTimer = (callback: () => void, delayMs: number): (() => void) => {
    this.#callbacks.set(callback, delayMs)
    return () => this.#callbacks.delete(callback)
  }

  get pending(): number[] {
    return [...this.#callbacks.values()]
  }

  fire(): void {
    const callbacks = [...this.#callbacks.keys()]
    this.#callbacks.clear()
    for (const callback of callbacks) callback()
  }
}

/** What a promise came to, comparable: values with their bytes as text, errors by their fields. */
export async function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.then((value) => ({ value: shown(value) }), thrown)
}

/** The same of a call. */
export function outcomeOf(call: () => unknown): unknown {
  try {
    return { value: shown(call()) }
  } catch (error) {
    return thrown(error)
  }
}

function shown(value: unknown): unknown {
  return value instanceof Uint8Array ? `bytes ${text(value)}` : value
}

function thrown(error: unknown): unknown {
  const { name, message, partial, limit } = error as Error & { partial?: Uint8Array; limit?: number }
  return { name, message, ...(partial && { partial: text(partial) }), ...(limit !== undefined && { limit }) }
}

/** Lets everything that is settled run its continuations. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await Promise.resolve()
}

/** Whether `promise` is still open after all that is settled has run. */
export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let pending = true
  void promise.finally(() => (pending = false)).catch(() => {})
  await settle()
  return pending
}

/** A source that counts how it is told to pause and resume. */
export class CountingSource {
  readonly calls: string[] = []

  pauseReading(): void {
    this.calls.push('pause')
  }

  resumeReading(): void {
    this.calls.push('resume')
  }
}
