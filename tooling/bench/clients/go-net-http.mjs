import { compile, programOf } from '../programs.mjs'

const SOURCE = 'programs/go_client.go'

/** @type {import('../client.mjs').Client} */
export const client = {
  name: 'Go net/http',
  scope: 'wide',
  does: ['text'],
  missing: () => compile(SOURCE, (source, program) => ['go', 'build', '-o', program, source]),
  command: ({ origin, connections }, target) => [programOf(SOURCE), origin, target, String(connections)],
}
