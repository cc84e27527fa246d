// What the cases check with: no test framework runs on every runtime.

/**
 * @param {unknown} actual
 * @param {unknown} expected Plain data and bytes, compared by their content.
 * @param {string} [what]
 */
export function equal(actual, expected, what = 'value') {
  const [got, wanted] = [asText(actual), asText(expected)]
  if (got !== wanted) throw new Error(`${what}: expected ${short(wanted)}, got ${short(got)}`)
}

/**
 * @param {unknown} condition
 * @param {string} what
 */
export function holds(condition, what) {
  if (!condition) throw new Error(`does not hold: ${what}`)
}

/**
 * @param {PromiseLike<unknown>} promise
 * @param {string} [what]
 * @returns {Promise<any>} What it rejects with. @throws {Error} It resolves.
 */
export async function rejection(promise, what = 'promise') {
  let value
  try {
    value = await promise
  } catch (error) {
    return error
  }
  throw new Error(`${what}: expected a rejection, got ${short(asText(value))}`)
}

/**
 * @param {() => unknown} work
 * @param {string} [what]
 * @returns {any} What it throws. @throws {Error} It returns.
 */
export function thrown(work, what = 'call') {
  let value
  try {
    value = work()
  } catch (error) {
    return error
  }
  throw new Error(`${what}: expected an error, got ${short(asText(value))}`)
}

/** @param {string} content */
export function bytes(content) {
  return new TextEncoder().encode(content)
}

/** @param {Uint8Array | null} octets */
export function text(octets) {
  return octets === null ? null : new TextDecoder().decode(octets)
}

/**
 * So many bytes, each the same wherever it is asked for.
 *
 * @param {number} byteCount
 */
export function pattern(byteCount) {
  const octets = new Uint8Array(byteCount)
  for (let at = 0; at < byteCount; at++) octets[at] = (at * 31 + (at >> 8)) & 0xff
  return octets
}

/**
 * @param {Uint8Array} octets
 * @param {number} [from] Where in the pattern they begin.
 */
export function isPattern(octets, from = 0) {
  return octets.every((octet, index) => octet === (((from + index) * 31 + ((from + index) >> 8)) & 0xff))
}

/**
 * The same bytes whole, one by one, and cut in two at every place; copies, so that nobody can keep them by mistake.
 *
 * @param {Uint8Array} wire
 * @returns {Uint8Array[][]}
 */
export function everySplit(wire) {
  const splits = [[wire.slice()], Array.from(wire, (octet) => Uint8Array.of(octet))]
  for (let at = 1; at < wire.length; at++) splits.push([wire.slice(0, at), wire.slice(at)])
  return splits
}

/** @param {unknown} value */
function asText(value) {
  const json = JSON.stringify(value, (_key, part) => {
    if (part instanceof Uint8Array) return `bytes ${Array.from(part).join(' ')}`
    if (typeof part === 'bigint') return `${part}n`
    return part === undefined ? 'undefined' : part
  })
  return json ?? String(value)
}

/** @param {string} json */
function short(json) {
  return json.length > 300 ? `${json.slice(0, 300)}… (${json.length} characters)` : json
}
