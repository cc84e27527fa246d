// What a work is: one file in works/ that exports `work`. A file more is a work more.

/**
 * One round of one contender. Rate: how often it was done, in what time, for how much of the client's CPU. Value: one
 * number, the less the better.
 *
 * @typedef {{ count: number, elapsedMs: number, cpuUs: number }} RateSample
 * @typedef {{ value: number, note?: string }} ValueSample
 * @typedef {RateSample | ValueSample} Sample
 *
 * @typedef {object} Runner A contender that is set up, in its own process.
 * @property {(durationMs: number) => Promise<Sample>} run May take longer, to end what it began.
 * @property {() => unknown} [close]
 *
 * What a contender gets to know.
 *
 * @typedef {object} Context
 * @property {import('./server/start-servers.mjs').Servers} servers
 * @property {'full' | 'smoke'} size Smoke: small data, so that one round takes no time.
 *
 * @typedef {object} Contender
 * @property {string} name
 * @property {boolean} [ours] Default false.
 * @property {string[]} [needs] What has to be installed.
 * @property {() => string | null} [missing] What else this machine lacks to run it; looked up when it is run.
 * @property {string} [lacks] Why it does not take part: then it is listed with that, and not run.
 * @property {(context: Context) => Promise<Runner> | Runner} [open]
 * @property {(context: Context) => string[]} [command] In place of `open`: a program that speaks as client-process.mjs does.
 *
 * @typedef {object} Work
 * @property {string} name
 * @property {string} group A heading of the page.
 * @property {string} title What is done, for people.
 * @property {string} [remark] What one has to know to judge the numbers.
 * @property {'rate' | 'value'} measure
 * @property {string} unit What is counted, in the singular; for values the unit, `bytes` or `ms`.
 * @property {string} baseline The contender that is 1.0.
 * @property {number} [rounds] Default: as the run says.
 * @property {number} [secondsPerRound] Where a round takes what it takes. Then there is no warm-up.
 * @property {number} [warmUpFactor] Of the warm-up of the run, where less is enough. Default 1.
 * @property {string[]} [nodeOptions]
 * @property {boolean} [ownProcess] Also in a smoke test, for what a process is told only when it starts. Default false.
 * @property {(clients: import('./client.mjs').Client[]) => Contender[]} contenders
 */

/**
 * Does `once` again and again.
 *
 * @param {number} durationMs
 * @param {() => Promise<number> | number} once Says how many of what is counted that were.
 * @returns {Promise<RateSample>}
 */
export async function repeatFor(durationMs, once) {
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  let count = 0
  do count += await once()
  while (performance.now() - startedAt < durationMs)
  const { user, system } = process.cpuUsage(cpuBefore)
  return { count, elapsedMs: performance.now() - startedAt, cpuUs: user + system }
}
