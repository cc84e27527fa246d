import { expect, test } from 'vitest'
import { parseLinks, targetOf } from './link-header.ts'

const ROWS: {
  name: string
  value: string
  links: readonly (readonly [string, string])[]
  next?: string | null
}[] = [
  { name: 'one', value: '<http://a.example/?p=2>; rel="next"', links: [['http://a.example/?p=2', 'next']] },
  {
    name: 'several',
    value: '<?p=1>; rel="prev", <?p=3>; rel="next", <?p=9>; rel=last',
    links: [
      ['?p=1', 'prev'],
      ['?p=3', 'next'],
      ['?p=9', 'last'],
    ],
    next: '?p=3',
  },
  { name: 'a token as the relation', value: '</b>;rel=next', links: [['/b', 'next']] },
  { name: 'several relations', value: '</b>; rel="prev  next"', links: [['/b', 'prev next']] },
  { name: 'case of name and relation', value: '</b>; REL="Next"', links: [['/b', 'next']] },
  {
    name: 'a relation that is a URL keeps its case',
    value: '</b>; rel="http://A.example/Next"',
    links: [['/b', 'http://A.example/Next']],
    next: null,
  },
  { name: 'the first rel counts', value: '</b>; rel=prev; rel=next', links: [['/b', 'prev']], next: null },
  {
    name: 'other parameters',
    value: '</b>; title="a, b; rel=\\"next\\""; rel=prev',
    links: [['/b', 'prev']],
    next: null,
  },
  { name: 'a comma and a semicolon in the target', value: '</b,c;d>; rel=next', links: [['/b,c;d', 'next']] },
  {
    name: 'no blanks, and many',
    value: '</a>;rel=prev,</b>\t ; \trel = "next" , ',
    links: [
      ['/a', 'prev'],
      ['/b', 'next'],
    ],
    next: '/b',
  },
  { name: 'an empty target', value: '<>; rel=next', links: [['', 'next']] },
  { name: 'no relation', value: '</b>', links: [['/b', '']], next: null },
  { name: 'a parameter without a value', value: '</b>; x; rel=next', links: [['/b', 'next']] },
  { name: 'empty parameters', value: '</b>;; rel=next;', links: [['/b', 'next']] },
  {
    name: 'an anchor: about something else',
    value: '</b>; rel=next; anchor="#x", </c>; rel=next',
    links: [
      ['/b', 'next'],
      ['/c', 'next'],
    ],
    next: '/c',
  },
  { name: 'empty members', value: ', ,</b>; rel=next,,', links: [['/b', 'next']] },
  {
    name: 'a member without a target is skipped',
    value: 'x; rel=next, </b>; rel=next',
    links: [['/b', 'next']],
  },
  { name: 'a target that is not closed', value: '</b; rel=next', links: [], next: null },
  { name: 'quotes that are not closed', value: '</a>; rel="next, </b>; rel=next', links: [], next: null },
  {
    name: 'something else behind the target is skipped',
    value: '</a> x; rel=next, </b>; rel=next',
    links: [['/b', 'next']],
  },
  { name: 'nothing', value: '', links: [], next: null },
]

for (const { name, value, links, next } of ROWS) {
  test(`Link: ${name}`, () => {
    const parsed = parseLinks(value)
    expect(parsed.map(({ target, rel }) => [target, rel.join(' ')])).toEqual(links)
    expect(targetOf(parsed, 'next')).toBe(next === undefined ? links[0]![0] : next)
  })
}

test('Link: parameters are unquoted, names in lower case', () => {
  const [link] = parseLinks('</b>; Title="a \\"b\\" \\\\"; x; y=z')
  expect([...link!.params]).toEqual([
    ['title', 'a "b" \\'],
    ['x', ''],
    ['y', 'z'],
  ])
})

test('Link: a value of hostile length takes time in proportion', () => {
  for (const value of [
    '<'.repeat(50_000),
    '"'.repeat(50_001),
    ';'.repeat(50_000),
    '<>;'.repeat(20_000),
    ' '.repeat(50_000),
  ])
    expect(parseLinks(value).length).toBeLessThan(2)
})
