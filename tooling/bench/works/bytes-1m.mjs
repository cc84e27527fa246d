import { httpWork } from '../http-work.mjs'

export const work = httpWork({
  name: 'bytes-1m',
  title: '1 MiB as bytes, 10 connections',
  operation: 'bytes',
  target: '/1m',
  connections: 10,
})
