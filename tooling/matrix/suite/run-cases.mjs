// Runs cases one after the other and reports each: all of a test runner that every runtime can load.

/**
 * @typedef {object} Case
 * @property {string} feature A row of features.mjs.
 * @property {string} name
 * @property {(world: any) => unknown} run Fails by throwing or rejecting. `world`: what its entry says that this runtime has.
 *
 * @typedef {object} CaseReport
 * @property {string} feature
 * @property {string} name
 * @property {string} [error] Absent where it passed.
 */

const TIME_LIMIT_MS = 10_000

/**
 * @param {readonly Case[]} cases
 * @param {unknown} world
 * @param {(line: CaseReport | { done: number }) => unknown} report Awaited. The last line says how many cases there were.
 */
export async function runCases(cases, world, report) {
  for (const { feature, name, run } of cases) {
    const error = await failureOf(run, world)
    await report(error === undefined ? { feature, name } : { feature, name, error })
  }
  await report({ done: cases.length })
}

/**
 * @param {Case['run']} run
 * @param {unknown} world
 * @returns {Promise<string | undefined>}
 */
async function failureOf(run, world) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  const tooLong = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${TIME_LIMIT_MS} ms`)), TIME_LIMIT_MS)
  })
  try {
    await Promise.race([(async () => run(world))(), tooLong])
    return undefined
  } catch (error) {
    return description(error)
  } finally {
    clearTimeout(timer)
  }
}

/** @param {unknown} error */
function description(error) {
  if (!(error instanceof Error)) return String(error)
  // Not every runtime repeats the message in the stack.
  const stack = error.stack ?? ''
  const cause = error.cause instanceof Error ? `\ncaused by ${error.cause.name}: ${error.cause.message}` : ''
  return (stack.includes(error.message) ? stack : `${error.name}: ${error.message}\n${stack}`) + cause
}
