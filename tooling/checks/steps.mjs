// The checks in one table. A step is a program that ends with exit code 0 when all is well and whose last line says
// what it looked at.
import { join } from 'node:path'
import { tool } from '../run.mjs'
import { root } from '../workspace.mjs'

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string[]} command
 * @property {string} [after] The step that has to pass before; it stands further up in the table.
 * @property {'all' | 'live'} [shown] `all`: every line, not only the last one. `live`: as it comes, with no other step
 *   beside it. Without it: the last line, or everything where the step fails.
 */

/** @type {Step[]} */
export const STEPS = [
  { name: 'build', command: script('build.mjs', '--verbose') },
  { name: 'format', command: [...tool('oxfmt'), '--config', 'tooling/oxfmtrc.json', '--check', '.'] },
  {
    name: 'lint',
    command: [
      ...tool('oxlint'),
      '--config',
      'tooling/oxlintrc.json',
      '--type-aware',
      '--deny-warnings',
      '--format=unix',
    ],
  },
  { name: 'types', command: script('checks/types.mjs') },
  { name: 'boundaries', command: script('boundaries.mjs') },
  {
    name: 'knip',
    command: [...tool('knip'), '--config', 'tooling/knip.jsonc', '--no-progress', '--no-config-hints'],
  },
  { name: 'api', command: script('api/check.mjs') },
  { name: 'rescope', command: script('rescope/check.mjs') },
  { name: 'readme', command: script('readme/check.mjs'), after: 'build' },
  { name: 'names', command: script('checks/names.mjs'), after: 'build' },
  { name: 'pack', command: script('checks/pack.mjs'), after: 'build' },
  { name: 'bench', command: script('bench/run.mjs', '--smoke'), after: 'build' },
  { name: 'size', command: script('checks/size.mjs'), after: 'build', shown: 'all' },
  {
    name: 'unit',
    command: [...tool('vitest'), 'run', '--config', 'tooling/vitest.config.ts'],
    shown: 'live',
  },
]

/**
 * @param {string} file Path below tooling/.
 * @param {...string} args
 */
function script(file, ...args) {
  return [process.execPath, join(root, 'tooling', file), ...args]
}
