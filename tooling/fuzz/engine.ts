/**
 * Differential fuzzing: a damaged message must lead to the same outcome whole, octet by octet and in any pieces. Everything follows from a seed and
 * a number, so that a failure can be had again.
 */
import { requestOutcome, responseOutcome } from './codec.ts'
import type { Arrival } from './codec.ts'
import { REQUESTS, RESPONSES } from './corpus.ts'
import { mutated, shortest } from './mutations.ts'
import { Random } from './random.ts'
import { sessionOutcome } from './session.ts'
import type { SessionArrival } from './session.ts'

export const TARGETS = ['responses', 'requests', 'session'] as const
export type Target = (typeof TARGETS)[number]

/** One damaged message. */
export interface Case {
  readonly target: Target
  /** Of the request that is answered. */
  readonly method: string
  /** One character for one octet. */
  readonly wire: string
  /** Decides how it is cut. */
  readonly cutSeed: number
}

/** The `number`-th case of a seed. */
export function makeCase(target: Target, seed: number, number: number): Case {
  const random = new Random(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number, 0x85ebca6b))
  const all = target === 'requests' ? REQUESTS : RESPONSES.map(({ wire }) => wire)
  const { method, wire } =
    target === 'requests' ? { method: '', wire: random.pick(REQUESTS) } : random.pick(RESPONSES)
  return { target, method, wire: mutated(wire, random, all), cutSeed: random.below(2 ** 32) }
}

/** @returns `null` where all is well; else what differs, or what was thrown. */
export async function problemOf(subject: Case): Promise<string | null> {
  const runs = subject.target === 'session' ? sessionRuns(subject) : codecRuns(subject)
  const outcomes = new Map<string, string>()
  try {
    for (const { name, run } of runs) outcomes.set(name, await run())
  } catch (error) {
    return error instanceof Error ? String(error.stack) : String(error)
  }
  const [[firstName, first] = ['', ''], ...others] = outcomes
  const other = others.find(([, outcome]) => outcome !== first)
  return other === undefined ? null : `${firstName}: ${first}\n${other[0]}: ${other[1]}`
}

/** The same case with the shortest wire for which it still fails. */
export async function smallest(subject: Case): Promise<Case> {
  const wire = await shortest(
    subject.wire,
    async (shorter) => (await problemOf({ ...subject, wire: shorter })) !== null,
  )
  return { ...subject, wire }
}

interface Run {
  readonly name: string
  readonly run: () => string | Promise<string>
}

function codecRuns({ target, method, wire, cutSeed }: Case): Run[] {
  const random = new Random(cutSeed)
  const arrivals: Record<string, Arrival> = {
    whole: { pieces: [], take: Infinity },
    'whole, by takeBody': { pieces: [], take: 'all there' },
    'octet by octet': { pieces: Array.from(wire, () => 1), take: Infinity },
    'in pieces, a little at a time': { pieces: somePieces(random, wire), take: 1 + random.below(4) },
    'in pieces, by takeBody': { pieces: somePieces(random, wire), take: 'all there' },
  }
  return Object.entries(arrivals).map(([name, arrival]) => ({
    name,
    run: () =>
      target === 'requests' ? requestOutcome(wire, arrival) : responseOutcome(method, wire, arrival),
  }))
}

function sessionRuns({ method, wire, cutSeed }: Case): Run[] {
  const random = new Random(cutSeed)
  const isCoded = /content-encoding/i.test(wire)
  // Time limits mean nothing while a decompressor works, in its own thread and time.
  const ending = isCoded ? 'end' : random.pick(['end', 'end', 'silence'] as const)
  const [read, otherRead] = random.pick([['whole', 'in chunks'] as const, ['in chunks', 'whole'] as const])
  // Coded content that is wrong and incomplete is told as the one or the other, as soon as either is known.
  const other = isCoded ? read : otherRead
  const some = { seed: cutSeed, maxChunkBytes: 2 + random.below(30) }
  const arrivals: Record<string, SessionArrival> = {
    [`whole, read ${read}`]: { link: {}, ending, read },
    [`octet by octet, read ${read}`]: { link: { maxChunkBytes: 1 }, ending, read },
    [`in pieces, read ${read}`]: { link: some, ending, read },
    [`in pieces, read ${other} too`]: { link: some, ending, read: other },
  }
  return Object.entries(arrivals).map(([name, arrival]) => ({
    name,
    run: () => sessionOutcome(method, wire, arrival),
  }))
}

function somePieces(random: Random, wire: string): number[] {
  const most = random.pick([3, 20, 200])
  const pieces: number[] = []
  for (let at = 0; at < wire.length; at += pieces.at(-1) ?? 1) pieces.push(1 + random.below(most))
  return pieces
}
