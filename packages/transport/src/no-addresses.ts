import type { TransportInfo } from './transport.ts'

/** What is known about a connection that is not a socket. */
export const NO_ADDRESSES: Omit<TransportInfo, 'bytesRead' | 'bytesWritten'> = {
  localAddress: null,
  localPort: null,
  remoteAddress: null,
  remotePort: null,
  path: null,
  tls: null,
}
