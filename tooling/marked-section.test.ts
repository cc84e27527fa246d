/** A part of a document that a program writes. */
import { expect, test } from 'vitest'
import { withSection } from './marked-section.mjs'

test('the text takes the place of what is between the marks', () => {
  const document = 'before\n<!-- it -->\n\nold\n\n<!-- /it -->\nafter\n'
  expect(withSection(document, 'it', 'new')).toBe('before\n<!-- it -->\n\nnew\n\n<!-- /it -->\nafter\n')
  expect(withSection(document.replace('old', ''), 'it', 'new')).toContain('\n\nnew\n\n')
})

for (const document of ['', '<!-- it -->', '<!-- /it --><!-- it -->', '<!-- other --><!-- /other -->']) {
  test(`no place for a text: "${document}"`, () => {
    expect(withSection(document, 'it', 'new')).toBe(null)
  })
}
