import { httpWork } from '../http-work.mjs'

export const work = httpWork({
  name: 'upload-64m',
  title: '64 MiB sent from a stream, 1 connection',
  operation: 'upload',
  target: '/upload',
  connections: 1,
  remark: 'An async generator gives pieces of 64 KiB. All send Content-Length but fetch, which cannot.',
})
