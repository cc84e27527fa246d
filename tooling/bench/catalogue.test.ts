import { expect, test } from 'vitest'
import { loadClients, loadWorks } from './catalogue.mjs'

const clients = await loadClients()
const works = (await loadWorks()).map((work) => ({
  ...work,
  names: work.contenders(clients).map(({ name }) => name),
}))

test('names of works and clients are unique', () => {
  for (const names of [works.map(({ name }) => name), clients.map(({ name }) => name)]) {
    expect(names).toEqual([...new Set(names)])
  }
})

for (const { name, names, baseline } of works) {
  test(`${name}: contenders can be named on the command line, and the baseline is one of them`, () => {
    expect(names).toEqual([...new Set(names)])
    expect(names).toContain(baseline)
    expect(names.filter((contender) => contender.includes(','))).toEqual([])
  })
}

test('a work is named after its file, which is how its process finds it', async () => {
  for (const { name } of works) {
    const module = await import(new URL(`works/${name}.mjs`, import.meta.url).href)
    expect(module.work.name).toBe(name)
  }
})
