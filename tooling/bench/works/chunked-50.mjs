import { httpWork } from '../http-work.mjs'

export const work = httpWork({
  name: 'chunked-50',
  title: '16 KiB in four chunks, 50 connections',
  operation: 'text',
  target: '/chunked16k',
  connections: 50,
})
