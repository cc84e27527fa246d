import { checkFlag, checkFunction, optional } from './option-checks.ts'
import type { Scheduler } from './scheduler.ts'
import type { Transport, WriteBufferLimits } from './transport.ts'
import { deriveWriteBufferLimits } from './write-flow.ts'

/** Options that every way to make a transport has. */
export interface TransportOptions {
  /**
   * What happens when the peer ends its side. `false` (default): what is written is flushed, then the connection closes.
   * `true`: the transport stays writable until `writeEof()` or `close()`.
   */
  allowHalfOpen?: boolean
  /** Water marks; default 65,536 and 16,384, derived as by `setWriteBufferLimits`. */
  writeBufferLimits?: { high?: number; low?: number }
  /**
   * Told of everything that a callback of the protocol throws, once each; the connection is aborted in any case. Default:
   * nobody is told beyond `connectionLost`.
   */
  onProtocolError?: (error: unknown) => void
}

/** The names of `TransportOptions`. */
export const TRANSPORT_OPTIONS: { readonly [Name in keyof TransportOptions]-?: true } = {
  allowHalfOpen: true,
  writeBufferLimits: true,
  onProtocolError: true,
}

/** What all transports of one `createConnection`, server or memory pair have in common. Shared, never changed. */
export interface TransportSettings {
  readonly scheduler: Scheduler
  readonly scratch: Uint8Array
  readonly allowHalfOpen: boolean
  readonly writeBufferLimits: WriteBufferLimits
  readonly onProtocolError: ((error: unknown) => void) | undefined
  /** Holds every transport from its first event to its last. */
  readonly registry?: { add(transport: Transport): void; delete(transport: Transport): void }
}

/** A hook that throws has nobody left to report to, and must not end the process. */
export function tellHook(hook: ((error: unknown) => void) | undefined, error: unknown): void {
  try {
    hook?.(error)
  } catch {
    // see above
  }
}

/** The options, checked and complete. */
export function planTransports(
  { allowHalfOpen, writeBufferLimits, onProtocolError }: TransportOptions,
  { scheduler, scratch }: { scheduler: Scheduler; scratch: Uint8Array },
): TransportSettings {
  if (onProtocolError !== undefined) checkFunction('onProtocolError', onProtocolError)
  return {
    scheduler,
    scratch,
    allowHalfOpen: optional(checkFlag, 'allowHalfOpen', allowHalfOpen, false),
    writeBufferLimits: deriveWriteBufferLimits(writeBufferLimits),
    onProtocolError,
  }
}
