export { isProxyError, ProxyError } from './errors.ts'
export type { ProxyErrorCode } from './errors.ts'
export { proxyFromEnvironment } from './environment.ts'
export type { Environment, ProxyChoice } from './environment.ts'
export type {
  Connector,
  ConnectorOptions,
  ConnectTarget,
  Dial,
  DialOptions,
  DialPhase,
  Forwarding,
  ProxiedConnection,
} from './ports.ts'
export { viaEnvironment } from './via-environment.ts'
export type { ViaEnvironmentOptions } from './via-environment.ts'
export { viaHttpProxy } from './via-http-proxy.ts'
export type { HttpProxyOptions } from './via-http-proxy.ts'
export { viaSocks5 } from './via-socks5.ts'
export type { Socks5Options } from './via-socks5.ts'
