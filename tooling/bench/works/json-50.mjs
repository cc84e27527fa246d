import { httpWork } from '../http-work.mjs'

export const work = httpWork({
  name: 'json-50',
  title: 'JSON of 1.4 KB, parsed, 50 connections',
  operation: 'json',
  target: '/json',
  connections: 50,
  scope: 'wide',
})
