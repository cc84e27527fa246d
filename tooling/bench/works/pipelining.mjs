import { httpWork } from '../http-work.mjs'

export const work = httpWork({
  name: 'pipelining',
  title: '13 bytes, 1 connection, 10 requests at a time on it',
  operation: 'text',
  target: '/tiny',
  connections: 1,
  pipelining: 10,
})
