/** Throws for what is no object, or has a member beside `known`. */
export function checkOptions(options: unknown, known: string): void {
  if (typeof options !== 'object' || options === null) throw new TypeError('options must be an object')
  for (const name in options)
    if (name !== known) throw new TypeError(`there is no option "${name}": there is ${known}`)
}

/** A number of 0 or more, Infinity too. */
export function checkPositive(name: string, value: unknown): number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number`)
  if (!(value >= 0)) throw new RangeError(`${name} must be 0 or more: ${value}`)
  return value
}
