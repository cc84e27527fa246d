import fc from 'fast-check'
import { expect, test } from 'vitest'
import { WaitingLine } from './pool-queue.ts'
import type { Queued } from './pool-queue.ts'

class Member implements Queued<Member> {
  previous: Member | null = null
  next: Member | null = null
  isServed = false
  readonly told: string[] = []
  readonly name: string
  readonly priority: number

  constructor(name: string, priority: number) {
    this.name = name
    this.priority = priority
  }

  served(): void {
    this.told.push('served')
  }

  unserved(): void {
    this.told.push('unserved')
  }
}

function membersOf(line: WaitingLine<Member>): Member[] {
  const members: Member[] = []
  for (let member = line.first; member !== null; member = member.next) members.push(member)
  return members
}

const ORDERS = [
  { name: 'as they came', joined: { a: 0, b: 0, c: 0 }, order: 'abc' },
  { name: 'the higher priority first', joined: { a: 0, b: 2, c: 1 }, order: 'bca' },
  { name: 'as they came within a priority', joined: { a: 1, b: 0, c: 1, d: 0 }, order: 'acbd' },
  {
    name: 'negative and broken ones are numbers too',
    joined: { a: -1, b: 0.5, c: 0, d: -1.5 },
    order: 'bcad',
  },
]

for (const { name, joined, order } of ORDERS) {
  test(`order of waiting: ${name}`, () => {
    const line = new WaitingLine<Member>()
    for (const [member, priority] of Object.entries(joined)) line.join(new Member(member, priority))
    expect(
      membersOf(line)
        .map((member) => member.name)
        .join(''),
    ).toBe(order)
  })
}

test('as many are served, from the first one on, as there is something on the way', () => {
  const line = new WaitingLine<Member>()
  const [low, other, high] = [new Member('low', 0), new Member('other', 0), new Member('high', 1)]
  line.serve(1)
  line.join(low)
  line.join(other)
  expect([low.told, other.told]).toEqual([['served'], ['unserved']])
  line.join(high)
  expect([high.told, low.told]).toEqual([['served'], ['served', 'unserved']])
  line.leave(high)
  expect([low.told, line.firstUnserved?.name]).toEqual([['served', 'unserved', 'served'], 'other'])
  line.serve(0)
  expect([low.isServed, line.firstUnserved?.name]).toEqual([false, 'low'])
})

type Step =
  | { readonly act: 'join'; readonly priority: number }
  | { readonly act: 'leave'; readonly at: number }
  | { readonly act: 'serve'; readonly count: number }

const STEPS: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ act: fc.constant('join' as const), priority: fc.constantFrom(0, 0, 1, -1, 0.5) }),
  },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('leave' as const), at: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('serve' as const), count: fc.nat(6) }) },
)

/** The same by sorting: slow and plain. */
class PlainLine {
  members: Member[] = []
  count = 0

  apply(step: Step, line: WaitingLine<Member>, name: string): void {
    if (step.act === 'serve') {
      this.count = step.count
      line.serve(step.count)
    } else if (step.act === 'join') {
      const member = new Member(name, step.priority)
      this.members.push(member)
      this.members.sort((one, other) => other.priority - one.priority)
      line.join(member)
      expect(member.told.length).toBeGreaterThan(0)
    } else {
      const [member] = this.members.splice(step.at % Math.max(1, this.members.length), 1)
      if (member !== undefined) line.leave(member)
    }
  }
}

test('whoever joins and leaves, the order and who is served are those of a sorted list', () => {
  fc.assert(
    fc.property(fc.array(STEPS, { maxLength: 60 }), (steps) => {
      const line = new WaitingLine<Member>()
      const plain = new PlainLine()
      for (const [index, step] of steps.entries()) {
        plain.apply(step, line, `m${index}`)
        expect(membersOf(line)).toEqual(plain.members)
        expect(line.length).toBe(plain.members.length)
        expect(plain.members.map(({ isServed }) => isServed)).toEqual(
          plain.members.map((_, at) => at < plain.count),
        )
        for (const { told, isServed } of plain.members)
          expect(told.at(-1)).toBe(isServed ? 'served' : 'unserved')
        expect(line.firstUnserved).toBe(plain.members[plain.count] ?? null)
      }
    }),
    { numRuns: 300, seed: 1 },
  )
})
