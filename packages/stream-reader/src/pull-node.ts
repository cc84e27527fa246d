import type { PullSource } from './pull-source.ts'

/** What is used of a Node `Readable`; by shape, since this package knows no Node types. */
export interface NodeReadable {
  readonly destroyed: boolean
  readonly readableEnded: boolean
  readonly errored: Error | null
  read(): unknown
  destroy(): unknown
  on(event: string, listener: () => void): unknown
  off(event: string, listener: () => void): unknown
}

const EVENTS = ['readable', 'end', 'error', 'close']

export function isNodeReadable(source: object): source is NodeReadable {
  return ['read', 'destroy', 'on', 'off'].every((name) => name in source)
}

/**
 * By `read()`, not by the stream's iterator: a pull that waits can then be given up at once, and the stream used on by
 * others. The listeners go with the end, the failure, the release.
 */
export function pullNode(stream: NodeReadable): PullSource {
  let wake = (): void => {}
  const state = { released: false }
  const listener = (): void => wake()
  const release = (): void => {
    state.released = true
    for (const event of EVENTS) {
      // Its error may still be on its way, and nobody else may listen for it.
      if (event !== 'error' || stream.errored === null) stream.off(event, listener)
    }
    wake()
  }
  for (const event of EVENTS) stream.on(event, listener)
  return {
    async pull() {
      while (!state.released) {
        const chunk = stream.read()
        if (chunk !== null) return chunk as Uint8Array // checked by the reader
        if (stream.readableEnded || stream.destroyed) break
        await new Promise<void>((resolve) => (wake = resolve))
      }
      if (!state.released && !stream.readableEnded) {
        throw stream.errored ?? new Error('the source was closed before its end')
      }
      release()
      return null
    },
    async cancel() {
      release()
      // Without the reason: nobody listens for the error that it would become.
      stream.destroy()
    },
    release,
  }
}
