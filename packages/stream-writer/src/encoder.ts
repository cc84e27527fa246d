/** Makes the bytes of a value. The array is the caller's: `writer.writeOwned(encodeUint32BE(7))`. */
export type Encoder<T> = (value: T) => Uint8Array

/** @throws {TypeError} Neither number nor bigint. @throws {RangeError} Not whole, or outside `min` to `max`. */
export function checkWhole(value: number | bigint, min: bigint, max: bigint): bigint {
  if (typeof value !== 'bigint' && typeof value !== 'number')
    throw new TypeError('value must be a number or a bigint')
  // A number beyond 2^53 has lost digits already: it is not what its author meant.
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw new RangeError(`${value} is not a safe whole number`)
  const whole = BigInt(value)
  if (whole < min || whole > max) throw new RangeError(`${value} is not from ${min} to ${max}`)
  return whole
}
