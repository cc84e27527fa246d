/** Small damage of the kinds that parsers get wrong. */
import type { Random } from './random.ts'

const TOKENS = [
  ...['\r', '\n', '\r\n', '\r\n\r\n', ' ', '\t', ':', ',', ';', '=', '"', '\\', '\0', '\x7f', '\x80', '\xff'],
  ...[
    '0',
    '1',
    '5',
    'a',
    'F',
    '-',
    '+',
    '_',
    '0x',
    '9007199254740991',
    '9007199254740992',
    'ffffffffffffffff',
  ],
  ...['HTTP/1.1 200 OK\r\n', 'HTTP/1.0', 'HTTP/2.0', '0\r\n\r\n', '1\r\nx\r\n', 'A: b\r\n', ' folded\r\n'],
  ...['Content-Length: 5\r\n', 'Transfer-Encoding: chunked\r\n', 'Connection: close\r\n', 'chunked', 'gzip'],
  ...[
    'Content-Encoding: gzip\r\n',
    'Keep-Alive: timeout=1\r\n',
    'HTTP/1.1 100 Continue\r\n\r\n',
    'Upgrade: x\r\n',
  ],
]
const MAX_LENGTH = 4000

type Mutation = (wire: string, random: Random, others: readonly string[]) => string

const MUTATIONS: readonly Mutation[] = [
  function flipBit(wire, random) {
    const at = random.below(wire.length)
    return replaced(wire, at, 1, String.fromCharCode((wire.charCodeAt(at) || 0) ^ (1 << random.below(8))))
  },
  function putToken(wire, random) {
    return replaced(wire, random.below(wire.length + 1), 0, random.pick(TOKENS))
  },
  function overwriteWithToken(wire, random) {
    const token = random.pick(TOKENS)
    return replaced(wire, random.below(wire.length + 1), token.length, token)
  },
  function remove(wire, random) {
    return replaced(wire, random.below(wire.length), 1 + random.below(random.pick([1, 2, 40])), '')
  },
  function duplicate(wire, random) {
    const at = random.below(wire.length)
    return replaced(wire, at, 0, wire.slice(at, at + 1 + random.below(random.pick([2, 40]))))
  },
  function repeatLine(wire, random) {
    const lines = wire.split('\r\n')
    const at = random.below(lines.length)
    return [...lines.slice(0, at), lines[at]!, ...lines.slice(at)].join('\r\n')
  },
  function swapLines(wire, random) {
    const lines = wire.split('\r\n')
    const [one, other] = [random.below(lines.length), random.below(lines.length)]
    return lines.with(one, lines[other]!).with(other, lines[one]!).join('\r\n')
  },
  function truncate(wire, random) {
    return wire.slice(0, random.below(wire.length))
  },
  function splice(wire, random, others) {
    const other = random.pick(others)
    return wire.slice(0, random.below(wire.length)) + other.slice(random.below(other.length))
  },
  function append(wire, random, others) {
    return wire + random.pick(others)
  },
]

/** Up to four mutations of one of `all`; sometimes none. */
export function mutated(wire: string, random: Random, others: readonly string[]): string {
  let result = wire
  for (let count = random.below(5); count > 0; count -= 1) {
    if (result !== '') result = random.pick(MUTATIONS)(result, random, others)
  }
  return result.slice(0, MAX_LENGTH)
}

/** The shortest wire found for which `fails` still holds, by leaving out ever smaller pieces. */
export async function shortest(wire: string, fails: (wire: string) => Promise<boolean>): Promise<string> {
  let best = wire
  for (let size = best.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at < best.length;) {
      const shorter = replaced(best, at, size, '')
      if (await fails(shorter)) best = shorter
      else at += size
    }
  }
  return best
}

function replaced(wire: string, at: number, byteCount: number, by: string): string {
  return wire.slice(0, at) + by + wire.slice(at + byteCount)
}
