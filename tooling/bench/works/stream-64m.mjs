import { httpWork } from '../http-work.mjs'

export const work = httpWork({
  name: 'stream-64m',
  title: '64 MiB piece by piece, 1 connection',
  operation: 'stream',
  target: '/64m',
  connections: 1,
})
