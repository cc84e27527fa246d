import { httpWork } from '../http-work.mjs'

export const work = httpWork({
  name: 'post-50',
  title: 'POST of 1 KiB, 50 connections',
  operation: 'post',
  target: '/post',
  connections: 50,
  scope: 'wide',
})
