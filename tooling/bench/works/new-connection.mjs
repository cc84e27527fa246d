import { httpWork } from '../http-work.mjs'

export const work = httpWork({
  name: 'new-connection',
  title: '13 bytes, a new connection for each, 10 at a time',
  operation: 'text',
  target: '/close',
  connections: 10,
  remark: 'The server ends each connection behind its response.',
})
