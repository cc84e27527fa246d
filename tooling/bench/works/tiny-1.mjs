import { httpWork } from '../http-work.mjs'

export const work = httpWork({
  name: 'tiny-1',
  title: '13 bytes, 1 connection',
  operation: 'text',
  target: '/tiny',
  connections: 1,
})
