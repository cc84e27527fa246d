/** Which limits there are, and what is no limit. */
import { expect, test } from 'vitest'
import { DEFAULT_LIMITS, resolveLimits } from './limits.ts'

for (const name of Object.keys(DEFAULT_LIMITS)) {
  test(`${name} may be 0, a count, or Infinity`, () => {
    for (const value of [0, 7, Infinity])
      expect(resolveLimits({ [name]: value })).toEqual({ ...DEFAULT_LIMITS, [name]: value })
    expect(resolveLimits({ [name]: undefined })).toEqual(DEFAULT_LIMITS)
  })

  for (const value of [-1, 0.5, NaN, '7', null]) {
    test(`${name} must not be ${String(value)}${typeof value === 'string' ? ' in text' : ''}`, () =>
      expect(() => resolveLimits({ [name]: value })).toThrow(`${name} must be an integer >= 0 or Infinity`))
  }
}

for (const name of ['maxHeaderSize', 'maxheadbytes', 'toString']) {
  test(`${name} is not a limit`, () =>
    expect(() => resolveLimits({ [name]: 1 })).toThrow(
      expect.objectContaining({ code: 'ERR_HTTP1_INVALID_ARGUMENT', argument: name }),
    ))
}
