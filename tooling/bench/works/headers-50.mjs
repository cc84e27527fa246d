import { httpWork } from '../http-work.mjs'

export const work = httpWork({
  name: 'headers-50',
  title: '13 fields and 1 KiB, 50 connections',
  operation: 'text',
  target: '/headers',
  connections: 50,
})
