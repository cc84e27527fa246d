import { expect, test } from 'vitest'
import { findExamples, withPorts } from './blocks.mjs'

const FENCE = '```'

/** A README of the given lines; `~~~` stands for a fence of back quotes. */
function readme(...lines: string[]): string {
  return lines.map((line) => line.replace('~~~', FENCE)).join('\n')
}

const READMES = [
  {
    name: 'a block',
    text: readme('# A', '', '~~~ts', 'a()', 'b()', '~~~'),
    found: [{ code: 'a()\nb()\n', line: 4, runs: true }],
  },
  {
    name: 'no-run',
    text: readme('~~~ts no-run', 'a()', '~~~'),
    found: [{ code: 'a()\n', line: 2, runs: false }],
  },
  {
    name: 'output',
    text: readme('~~~ts', 'a()', '~~~', '', '~~~text', 'A', '~~~'),
    found: [{ code: 'a()\n', line: 2, runs: true, prints: 'A\n' }],
  },
  {
    name: 'text behind prose is no output',
    text: readme('~~~ts', 'a()', '~~~', 'Or:', '~~~text', 'A', '~~~'),
    found: [{ code: 'a()\n', line: 2, runs: true }],
  },
  {
    name: 'text behind another block is no output',
    text: readme('~~~ts', 'a()', '~~~', '~~~sh', 'ls', '~~~', '~~~text', 'A', '~~~'),
    found: [{ code: 'a()\n', line: 2, runs: true }],
  },
  { name: 'other languages', text: readme('~~~sh', 'npm start', '~~~', '~~~json', '{}', '~~~'), found: [] },
  { name: 'a fence inside a longer fence', text: readme('~~~`md', '~~~ts', 'a()', '~~~', '~~~`'), found: [] },
  { name: 'an empty block', text: readme('~~~ts', '~~~'), found: [{ code: '', line: 2, runs: true }] },
]

for (const { name, text, found } of READMES) {
  test(`examples: ${name}`, () => expect(findExamples(text)).toEqual(found))
}

test('examples: a block that is not closed is an error with its line', () => {
  expect(() => findExamples(readme('', '~~~ts', 'a()'))).toThrow('line 2: the block is not closed')
})

const PORTS = { http: 41000, echo: 42000 }
const TEXTS = [
  ["get('http://localhost:8080/a?b=1')", "get('http://127.0.0.1:41000/a?b=1')"],
  ["openConnection('localhost', 7000)", "openConnection('127.0.0.1', 42000)"],
  ["openConnection({ host: 'localhost', port: 7000 })", "openConnection({ host: '127.0.0.1', port: 42000 })"],
  ['{ port: 8080, timeoutMs: 7000 }', '{ port: 41000, timeoutMs: 7000 }'],
  ['localhost:80801', '127.0.0.1:80801'],
] as const

for (const [shown, run] of TEXTS) {
  test(`ports: ${shown}`, () => expect(withPorts(shown, PORTS)).toBe(run))
}
