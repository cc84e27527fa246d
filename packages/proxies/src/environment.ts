/** The choice of a proxy by environment variables, as a pure function. */
import { checkObject } from './option-checks.ts'
import { noProxyMatcher } from './no-proxy.ts'
import type { ConnectTarget } from './ports.ts'
import { parseProxyUrl } from './proxy-url.ts'
import type { ProxyScheme } from './proxy-url.ts'

/** Environment variables. `process.env` fits. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The URL of the proxy for a target, credentials included; null where it is to be connected to directly. */
export type ProxyChoice = (target: ConnectTarget) => string | null

/** `http` stands first: the scheme of a proxy that is named without one. */
const SCHEMES: readonly ProxyScheme[] = ['http', 'https', 'socks5', 'socks5h']

/**
 * Reads HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY as curl does: lower case before upper case, empty as not set, ALL_PROXY where
 * the one for the target's kind is not there.
 *
 * HTTP_PROXY in upper case is passed over where REQUEST_METHOD is set: in a CGI program it is what the client sent as the field `Proxy`
 * (CVE-2016-5385).
 *
 * @param env Read now, and not again. Default: the process's own; empty where there is no process.
 * @throws {TypeError} A variable that counts is no URL of an HTTP or SOCKS5 proxy. The error names the variable, without its value.
 */
export function proxyFromEnvironment(env: Environment = processEnvironment()): ProxyChoice {
  checkObject('env', env)
  // A plain copy: on Windows process.env takes HTTP_PROXY for http_proxy.
  const variables: Environment = { ...env }
  const isCgi = variables['REQUEST_METHOD'] !== undefined
  const plain = proxyOf(variables, isCgi ? ['http_proxy'] : ['http_proxy', 'HTTP_PROXY'])
  const secure = proxyOf(variables, ['https_proxy', 'HTTPS_PROXY'])
  const isDirect = noProxyMatcher(valueOf(variables, ['no_proxy', 'NO_PROXY'])?.value ?? '')
  return (target) => (isDirect(target) ? null : target.secure ? secure : plain)
}

function proxyOf(variables: Environment, names: readonly string[]): string | null {
  const found = valueOf(variables, [...names, 'all_proxy', 'ALL_PROXY'])
  if (found === null) return null
  const { scheme } = parseProxyUrl(found.name, found.value, SCHEMES)
  return found.value.includes('://') ? found.value : `${scheme}://${found.value}`
}

/** The first that is set and not empty. */
function valueOf(variables: Environment, names: readonly string[]): { name: string; value: string } | null {
  for (const name of names) {
    const variable: unknown = variables[name]
    if (variable === undefined) continue
    if (typeof variable !== 'string') throw new TypeError(`${name} must be a string`)
    const value = variable.trim()
    if (value !== '') return { name, value }
  }
  return null
}

function processEnvironment(): Environment {
  return (globalThis as { process?: { env?: Environment } }).process?.env ?? {}
}
