/** Lists of hosts as options have them: addresses, blocks, names, and all names below one. */
import { embeddedAddresses } from './address-classes.ts'
import { UsageError } from './errors.ts'
import { isInBlock, parseIpAddress, parseIpBlock } from './ip-address.ts'
import type { IpBlock, IpOctets } from './ip-address.ts'

/** Addresses, blocks and names of one option. */
export class HostList {
  readonly #blocks: IpBlock[] = []
  readonly #names = new Set<string>()
  readonly #suffixes: string[] = []

  constructor(option: string, entries: readonly string[]) {
    if (!Array.isArray(entries)) throw invalidEntry(option, 'must be an array of texts')
    for (const [index, entry] of (entries as readonly unknown[]).entries())
      this.#add(`${option}[${index}]`, entry)
  }

  hasName(name: string): boolean {
    return this.#names.has(name) || this.#suffixes.some((suffix) => name.endsWith(suffix))
  }

  hasAddress(address: IpOctets, where: 'itself' | 'also inside'): boolean {
    const inner = where === 'itself' ? [] : embeddedAddresses(address)
    return this.#blocks.some((block) => [address, ...inner].some((octets) => isInBlock(octets, block)))
  }

  #add(what: string, entry: unknown): void {
    if (typeof entry !== 'string') throw invalidEntry(what, `must be a text, got ${String(entry)}`)
    const block = parseIpBlock(entry.replace(/^\[(.*)\]$/, '$1'))
    if (block !== null) return void this.#blocks.push(block)
    const isSuffix = entry.startsWith('.')
    const name = nameOf(isSuffix ? entry.slice(1) : entry)
    if (name === null) throw invalidEntry(what, `must be an address, a block or a name, got "${entry}"`)
    if (isSuffix) this.#suffixes.push(`.${name}`)
    else this.#names.add(name)
  }
}

/** A name as the URL standard writes it; `null`: it is none. Names that end in a number are addresses there. */
function nameOf(text: string): string | null {
  if (/[/?#@:\\\s]/.test(text)) return null
  const name = canonicalHost(text)
  return /^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/.test(name) && parseIpAddress(name) === null ? name : null
}

/** A host in one spelling, whichever of those that the URL standard takes it was given in: `0x7f.1` and `127.0.0.1.` are `127.0.0.1`. */
export function canonicalHost(host: string): string {
  const literal = host.replace(/^\[(.*)\]$/, '$1')
  if (parseIpAddress(literal) !== null) return literal
  try {
    return new URL(`http://${host}/`).hostname.replace(/\.$/, '')
  } catch {
    return host.toLowerCase()
  }
}

function invalidEntry(name: string, reason: string): UsageError {
  return new UsageError('ERR_HTTP_INVALID_OPTION', `option ${name}: ${reason}`)
}
