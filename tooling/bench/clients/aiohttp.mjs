import { spawnSync } from 'node:child_process'
import { sourceOf } from '../programs.mjs'

/** @type {import('../client.mjs').Client} */
export const client = {
  name: 'aiohttp',
  scope: 'wide',
  does: ['text'],
  missing: () =>
    spawnSync('python3', ['-c', 'import aiohttp']).status === 0 ? null : 'there is no python3 with aiohttp',
  command: ({ origin, connections }, target) => [
    'python3',
    sourceOf('programs/aiohttp_client.py'),
    origin,
    target,
    String(connections),
  ],
}
