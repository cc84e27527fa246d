import { expect, test } from 'vitest'
import { lineDiff } from './line-diff.mjs'

const DIFFS = [
  { name: 'equal', before: 'a\nb', after: 'a\nb', diff: [] },
  { name: 'changed line', before: 'a\nb\nc', after: 'a\nx\nc', diff: [' a', '-b', '+x', ' c'] },
  { name: 'added at the end', before: 'a', after: 'a\nb', diff: [' a', '+b'] },
  { name: 'removed at the beginning', before: 'a\nb', after: 'b', diff: ['-a', ' b'] },
  { name: 'everything new', before: '', after: 'a', diff: ['-', '+a'] },
  {
    name: 'far from one another',
    before: '1\n2\n3\n4\n5\n6\n7\n8\n9',
    after: 'x\n2\n3\n4\n5\n6\n7\n8\ny',
    diff: ['-1', '+x', ' 2', ' 3', '…', ' 7', ' 8', '-9', '+y'],
  },
  { name: 'moved line', before: 'a\nb\nc', after: 'b\nc\na', diff: ['-a', ' b', ' c', '+a'] },
]

for (const { name, before, after, diff } of DIFFS) {
  test(`line diff: ${name}`, () => expect(lineDiff(before, after)).toEqual(diff))
}
