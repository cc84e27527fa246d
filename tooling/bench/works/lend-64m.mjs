import { httpWork } from '../http-work.mjs'

export const work = httpWork({
  name: 'lend-64m',
  title: '64 MiB in pieces that are only lent, 1 connection',
  operation: 'lend',
  target: '/64m',
  connections: 1,
  remark:
    'Nobody may keep a piece: its memory is used again. Only ours lends; the others are in the row of pieces that one owns.',
})
