// The pages that people read: the READMEs, and what is in the docs/ of packages.
import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { filesBelow, packages, root } from '../workspace.mjs'

/** Paths from the root. */
export const pages = [
  'README.md',
  ...packages.flatMap(({ folder, dir }) => [
    `${folder}/README.md`,
    ...filesBelow(join(dir, 'docs')).map((file) => relative(root, file).replaceAll('\\', '/')),
  ]),
].filter((page) => page.endsWith('.md') && existsSync(join(root, page)))
