export { createConnection } from './connect.ts'
export { lookupAddresses } from './lookup-addresses.ts'
export type { LookupOptions } from './lookup-addresses.ts'
export type { AddressPolicy, IpAddress, Lookup } from './addresses.ts'
export type { ConnectOptions, ConnectSettings, ConnectTarget } from './connect-options.ts'
export type { ConnectPhase } from './connect-scope.ts'
export { createDnsCache } from './dns-cache.ts'
export type { DnsCache, DnsCacheOptions } from './dns-cache.ts'
export {
  ConnectError,
  DnsError,
  isTransportError,
  ListenError,
  NotSupportedError,
  TlsError,
  TransportClosedError,
  TransportError,
  TransportTimeoutError,
} from './errors.ts'
export type { TransportPhase } from './errors.ts'
export type { BaseProtocol, BufferedProtocol, CloseReason, Protocol } from './protocol.ts'
export type { TransportOptions } from './transport-options.ts'
export type { CertificateInfo, TlsInfo, Transport, TransportInfo, WriteBufferLimits } from './transport.ts'
export { createServer } from './server.ts'
export type { Server } from './server.ts'
export type { ListenTarget, ServerAddress, ServerOptions, ServerSettings } from './server-options.ts'
export { startTls } from './start-tls.ts'
export type { StartTlsOptions, StartTlsSettings } from './start-tls-options.ts'
export { createTlsContext } from './tls-context.ts'
export type { TlsClientOptions, TlsServerOptions } from './tls-options.ts'
