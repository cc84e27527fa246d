/** How large the pieces are in which long content goes out. */
import { expect, test } from 'vitest'
import { nextPieceByteCount } from './framed-source.ts'

const KIB = 1024
const CASES = [
  { byteCount: 64 * KIB, tookMs: 0, next: 128 * KIB },
  { byteCount: 64 * KIB, tookMs: 20, next: 128 * KIB },
  { byteCount: 512 * KIB, tookMs: 0, next: 1024 * KIB },
  { byteCount: 1024 * KIB, tookMs: 0, next: 1024 * KIB },
  { byteCount: 1024 * KIB, tookMs: 21, next: 64 * KIB },
  { byteCount: 64 * KIB, tookMs: 1000, next: 64 * KIB },
]
for (const { byteCount, tookMs, next } of CASES) {
  test(`${byteCount / KIB} KiB in ${tookMs} ms: then ${next / KIB} KiB`, () => {
    expect(nextPieceByteCount(byteCount, tookMs)).toBe(next)
  })
}
