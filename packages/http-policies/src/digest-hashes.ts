/** The hash functions of Digest authentication, by what the runtime has. */

/** RFC 7616 section 3.3, from the weakest to the strongest. */
export const HASHES = ['MD5', 'SHA-256', 'SHA-512-256'] as const
export type HashName = (typeof HASHES)[number]

/** Hash functions of one runtime. */
export interface Hashing {
  has(name: HashName): boolean
  /** In hexadecimal, lower case. @throws What the chunks' source throws. */
  hash(name: HashName, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<string>
}

/** Node's, loaded now; elsewhere Web Crypto, which has SHA-256 alone of them. */
export async function loadHashing(): Promise<Hashing> {
  try {
    return (await import('./node-hashing.ts')).nodeHashing
  } catch {
    return webHashing
  }
}

export const webHashing: Hashing = {
  has: (name) => name === 'SHA-256' && globalThis.crypto?.subtle !== undefined,
  async hash(name, chunks) {
    // Web Crypto takes no pieces.
    const parts: Uint8Array<ArrayBuffer>[] = []
    for await (const chunk of chunks) parts.push(new Uint8Array(chunk))
    const whole = await new Blob(parts).arrayBuffer()
    return hex(new Uint8Array(await crypto.subtle.digest(name, whole)))
  },
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
