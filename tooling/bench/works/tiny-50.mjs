import { httpWork } from '../http-work.mjs'

export const work = httpWork({
  name: 'tiny-50',
  title: '13 bytes, 50 connections',
  operation: 'text',
  target: '/tiny',
  connections: 50,
  scope: 'wide',
})
