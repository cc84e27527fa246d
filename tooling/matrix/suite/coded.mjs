// One text in every content coding, made beforehand: not every runtime can encode what it should decode.
import { latin1Bytes } from '@x/http1'

export const CODED_TEXT = 'coded content, äöü, 0123456789 '.repeat(40)

const BASE64 = {
  gzip: 'H4sIAAAAAAAAA0vOT0lNUUjOzytJzSvRUTi85PC2w3t0FAwMjYxNTM3MLSwVkkdVjKoYVTGqYlQFESoAgTq4UVAFAAA=',
  deflate: 'eJxLzk9JTVFIzs8rSc0r0VE4vOTwtsN7dBQMDI2MTUzNzC0sFZJHVYyqGFUxqmJUBREqAIyH6cA=',
  br: 'G08F+B0HbqzFG6VdDephFjKYSWrLq8Ix0oHmIwVxxMKsIAaJ6MM86CCHUU5n7xE=',
  zstd: 'KLUv/WBQBF0BACQCY29kZWQgY29udGVudCwgw6TDtsO8LCAwMTIzNDU2Nzg5IAEAWqn86gk=',
}

/** @typedef {keyof typeof BASE64} Coding */

export const CODINGS = /** @type {Coding[]} */ (Object.keys(BASE64))

/** Content that is cut short lacks so many octets. */
export const CUT_BYTE_COUNT = 9

/**
 * @param {string} coding
 * @returns {coding is Coding}
 */
export function isCoding(coding) {
  return Object.hasOwn(BASE64, coding)
}

/** @param {Coding} coding */
export function coded(coding) {
  return latin1Bytes(atob(BASE64[coding]))
}
