import { compile, programOf } from '../programs.mjs'

const SOURCE = 'programs/libcurl_client.c'

/** @type {import('../client.mjs').Client} */
export const client = {
  name: 'libcurl',
  scope: 'wide',
  does: ['text'],
  missing: () => compile(SOURCE, (source, program) => ['cc', '-O2', '-o', program, source, '-lcurl']),
  command: ({ origin, connections }, target) => [programOf(SOURCE), origin, target, String(connections)],
}
