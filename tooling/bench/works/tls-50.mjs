import { httpWork } from '../http-work.mjs'

export const work = httpWork({
  name: 'tls-50',
  title: '13 bytes over TLS, 50 connections',
  operation: 'text',
  target: '/tiny',
  connections: 50,
  secure: true,
})
