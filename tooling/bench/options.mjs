// The command line, read without doing anything.

/**
 * @typedef {object} Options
 * @property {'run' | 'smoke' | 'list' | 'help' | 'render'} action
 * @property {string[] | null} only Names of works; `null`: all.
 * @property {string[] | null} vs Names of contenders beside our own and the baseline; `null`: all.
 * @property {boolean} profile
 * @property {boolean} save Write the results also where not everything was run as usual.
 * @property {number} rounds
 * @property {number} roundMs
 * @property {number} warmUpMs
 */

export const USUAL_TIMES = { rounds: 5, roundMs: 1000, warmUpMs: 4000 }
const SMOKE_TIMES = { rounds: 1, roundMs: 20, warmUpMs: 0 }

export const HELP = `pnpm bench [option]...

  --only WORK[,WORK]...         these works alone
  --vs CONTENDER[,CONTENDER]... of the others, these alone
  --rounds N                    measured rounds of each contender; default ${USUAL_TIMES.rounds}
  --round-seconds S             length of a round; default ${USUAL_TIMES.roundMs / 1000}
  --warm-up-seconds S           before the first round; default ${USUAL_TIMES.warmUpMs / 1000}, below which some contenders look slower than they are
  --save                        write the results also where the options above have left something out
  --profile                     write CPU profiles of our own client processes to tooling/bench/profiles
  --render                      only write the page anew, from results/results.json
  --smoke                       only show that everything runs: no warm-up, no results, nothing is installed
  --list                        works and contenders
  --help`

/** @typedef {(options: Options, value: string) => void} Setter */

/** @type {Record<string, Setter>} Those that have a value. */
const WITH_VALUE = {
  '--only': (options, value) => (options.only = names('--only', value)),
  '--vs': (options, value) => (options.vs = names('--vs', value)),
  '--rounds': (options, value) => (options.rounds = count('--rounds', value)),
  '--round-seconds': (options, value) => (options.roundMs = milliseconds('--round-seconds', value)),
  '--warm-up-seconds': (options, value) => (options.warmUpMs = milliseconds('--warm-up-seconds', value)),
}

/** @type {Record<string, (options: Options) => unknown>} */
const WITHOUT_VALUE = {
  '--smoke': (options) => Object.assign(options, SMOKE_TIMES, { action: 'smoke' }),
  '--list': (options) => (options.action = 'list'),
  '--help': (options) => (options.action = 'help'),
  '--render': (options) => (options.action = 'render'),
  '--profile': (options) => (options.profile = true),
  '--save': (options) => (options.save = true),
}

/**
 * @param {readonly string[]} args
 * @returns {Options}
 * @throws {RangeError} Something that is not known, or has no value, or a wrong one; it is named.
 */
export function readOptions(args) {
  /** @type {Options} */
  const options = { action: 'run', only: null, vs: null, profile: false, save: false, ...USUAL_TIMES }
  // `pnpm bench -- --only x` hands the two dashes on.
  const rest = args.filter((arg, index) => arg !== '--' || index > 0)
  while (rest.length > 0) {
    const [name = '', ...inline] = String(rest.shift()).split('=')
    const set = WITH_VALUE[name]
    if (set !== undefined) {
      const value = inline.length > 0 ? inline.join('=') : rest.shift()
      if (value === undefined || value === '') throw new RangeError(`${name} needs a value`)
      set(options, value)
    } else if (inline.length === 0 && WITHOUT_VALUE[name] !== undefined) {
      WITHOUT_VALUE[name](options)
    } else {
      throw new RangeError(`unknown option "${[name, ...inline].join('=')}"`)
    }
  }
  return options
}

/**
 * Whether the results are what the page is made of: everything was run, for as long as it takes.
 *
 * @param {Options} options
 */
export function isFullRun({ only, vs, rounds, roundMs, warmUpMs, profile }) {
  const enough = rounds >= USUAL_TIMES.rounds && roundMs >= USUAL_TIMES.roundMs
  return only === null && vs === null && !profile && enough && warmUpMs >= USUAL_TIMES.warmUpMs
}

/**
 * @param {string} option
 * @param {string} value
 */
function names(option, value) {
  const list = value.split(',').filter((name) => name !== '')
  if (list.length === 0) throw new RangeError(`${option} needs a value`)
  return list
}

/**
 * @param {string} option
 * @param {string} value
 */
function count(option, value) {
  const number = Number(value)
  if (!Number.isInteger(number) || number < 1)
    throw new RangeError(`${option} must be an integer >= 1, got "${value}"`)
  return number
}

/**
 * @param {string} option
 * @param {string} value
 */
function milliseconds(option, value) {
  const number = Number(value)
  if (!(number >= 0 && number <= 3600)) throw new RangeError(`${option} must be 0 to 3600, got "${value}"`)
  return number * 1000
}
