/** Hash functions by `node:crypto`: the only file here that imports it, loaded only when a digest is to be made. */
import { createHash, getHashes } from 'node:crypto'
import type { HashName, Hashing } from './digest-hashes.ts'

const NAMES: Record<HashName, string> = { MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' }

export const nodeHashing: Hashing = {
  // FIPS modes leave MD5 out of the list, or in it and refuse it.
  has: (name) => getHashes().includes(NAMES[name]) && canMake(name),
  async hash(name, chunks) {
    const hash = createHash(NAMES[name])
    for await (const chunk of chunks) hash.update(chunk)
    return hash.digest('hex')
  },
}

function canMake(name: HashName): boolean {
  try {
    createHash(NAMES[name])
    return true
  } catch {
    return false
  }
}
