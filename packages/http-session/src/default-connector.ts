/** TCP and TLS by `@x/streams`: the only file here that imports it, loaded only where no connector was given. */
import { openConnection } from '@x/streams'
import type { ByteStream, ConnectTarget } from './ports.ts'

export function connect(
  { host, port, secure }: ConnectTarget,
  { signal }: { readonly signal: AbortSignal },
): Promise<ByteStream> {
  return openConnection(
    secure ? { host, port, signal, tls: { ALPNProtocols: ['http/1.1'] } } : { host, port, signal },
  )
}
