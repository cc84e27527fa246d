import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LinkedLine } from './pool-links.ts'
import type { Linked } from './pool-links.ts'

interface Member extends Linked<Member> {
  readonly name: number
}

test('a line is what a list would be, both ways', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ inserts: fc.boolean(), at: fc.nat(20) }), { maxLength: 50 }),
      (steps) => {
        const line = new LinkedLine<Member>()
        const list: Member[] = []
        for (const [name, { inserts, at }] of steps.entries()) {
          const index = at % (list.length + (inserts ? 1 : 0) || 1)
          if (inserts) {
            const member: Member = { name, previous: null, next: null }
            line.insertBehind(list[index - 1] ?? null, member)
            list.splice(index, 0, member)
          } else {
            for (const member of list.splice(index, 1)) line.remove(member)
          }
          const forth: number[] = []
          for (let member = line.first; member !== null; member = member.next) forth.push(member.name)
          const back: number[] = []
          for (let member = line.last; member !== null; member = member.previous) back.unshift(member.name)
          const names = list.map((member) => member.name)
          expect([forth, back, line.length]).toEqual([names, names, names.length])
        }
      },
    ),
    { numRuns: 200, seed: 1 },
  )
})
