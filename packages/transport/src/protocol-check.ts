import type { BufferedProtocol, Protocol } from './protocol.ts'

/** Throws for what cannot be called, before anything is opened. */
export function checkFactory(factory: unknown): void {
  if (typeof factory !== 'function') throw new TypeError('factory must be a function that makes a protocol')
}

/**
 * Returns `protocol`, where it is one.
 *
 * @throws {TypeError} It can take no bytes.
 */
export function checkProtocol<P extends Protocol | BufferedProtocol>(protocol: P): P {
  if (typeof protocol === 'object' && protocol !== null) {
    const { dataReceived, getBuffer, bufferUpdated } = protocol as Partial<Protocol & BufferedProtocol>
    const complete =
      typeof getBuffer === 'function'
        ? typeof bufferUpdated === 'function'
        : typeof dataReceived === 'function'
    if (complete) return protocol
  }
  throw new TypeError('a protocol needs dataReceived(), or getBuffer() and bufferUpdated()')
}
