// Links between the pages of this repository lead somewhere.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../workspace.mjs'
import { pages } from './pages.mjs'

/** Without blocks of code, whose brackets are no links. */
function prose(markdown: string): string {
  return markdown
    .replace(/^```.*?^```$/gms, '')
    .replaceAll(/`[^`\n]*`/g, (span) => span.replaceAll(/[[\]]/g, ''))
}

/** What headings can be linked to as: words in lower case, joined by `-`. */
function anchors(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

function brokenLinks(page: string): string[] {
  const links = [...prose(readFileSync(join(root, page), 'utf8')).matchAll(/\]\(([^)\s]+)\)/g)]
  return links.flatMap(([, link = '']) => {
    if (/^[a-z]+:/.test(link)) return []
    const [path = '', anchor] = link.split('#')
    const file = path === '' ? join(root, page) : join(root, dirname(page), path)
    if (!existsSync(file)) return [link]
    if (anchor === undefined) return []
    return anchors(readFileSync(file, 'utf8')).includes(anchor) ? [] : [link]
  })
}

test('anchors are made of headings', () => {
  expect(anchors('# A b\n\n## From asyncio’s streams\n### `x` and_y')).toEqual([
    'a-b',
    'from-asyncios-streams',
    'x-and_y',
  ])
})

test.each(pages)('links of %s', (page) => {
  expect(brokenLinks(page)).toEqual([])
})
