import { expect, test } from 'vitest'
import { mayBeShared, mayShare, shareKey } from './shared-requests.ts'
import type { RequestLike } from './shared-requests.ts'

const timeouts: RequestLike['timeouts'] = {
  queueMs: Infinity,
  continueMs: 1,
  sendIdleMs: 1,
  headersMs: 1,
  bodyIdleMs: 1,
  totalMs: Infinity,
}

function request(fields: Record<string, string> = {}, changes: Partial<RequestLike> = {}): RequestLike {
  const headers = Object.assign(Object.entries(fields), {
    get: (name: string) => Object.entries(fields).find(([one]) => one.toLowerCase() === name)?.[1],
  })
  const contentDecoding = { maxCodings: 1, maxDecodedBytes: 1, maxRatio: 1 }
  return { method: 'GET', url: 'http://a/', hasBody: false, headers, timeouts, contentDecoding, ...changes }
}

const SHARED: { name: string; request: RequestLike; may: boolean }[] = [
  { name: 'GET', request: request(), may: true },
  { name: 'HEAD', request: request({}, { method: 'HEAD' }), may: true },
  { name: 'OPTIONS', request: request({}, { method: 'OPTIONS' }), may: false },
  { name: 'POST', request: request({}, { method: 'POST' }), may: false },
  { name: 'GET with content', request: request({}, { hasBody: true }), may: false },
  { name: 'no-cache', request: request({ 'Cache-Control': 'no-cache' }), may: true },
  { name: 'no-store', request: request({ 'Cache-Control': 'max-age=0, No-Store' }), may: false },
  { name: 'Upgrade', request: request({ Upgrade: 'websocket' }), may: false },
]
for (const { name, request: one, may } of SHARED) {
  test(`${may ? 'shared' : 'not shared'}: ${name}`, () => {
    expect(mayShare(one)).toBe(may)
  })
}

const EQUAL: { name: string; left: RequestLike; right: RequestLike; same: boolean }[] = [
  { name: 'all alike', left: request({ A: '1' }), right: request({ A: '1' }), same: true },
  {
    name: 'content as it was sent',
    left: request(),
    right: request({}, { contentDecoding: false }),
    same: false,
  },
  {
    name: 'limits of content codings',
    left: request(),
    right: request({}, { contentDecoding: { maxCodings: 1, maxDecodedBytes: 1, maxRatio: 2 } }),
    same: false,
  },
  {
    name: 'limits of content codings in another order',
    left: request(),
    right: request({}, { contentDecoding: { maxRatio: 1, maxDecodedBytes: 1, maxCodings: 1 } }),
    same: true,
  },
  {
    name: 'case and order',
    left: request({ A: '1', B: '2' }),
    right: request({ b: '2', a: '1' }),
    same: true,
  },
  { name: 'an ignored field', left: request({ 'X-Id': '1' }), right: request({ 'x-ID': '2' }), same: true },
  { name: 'another value', left: request({ A: '1' }), right: request({ A: '2' }), same: false },
  { name: 'one field more', left: request({ A: '1' }), right: request(), same: false },
  {
    name: 'name and value moved',
    left: request({ A: 'b: c' }),
    right: request({ A: 'b', b: 'c' }),
    same: false,
  },
  {
    name: 'other credentials',
    left: request({ Authorization: 'Bearer a' }),
    right: request({ Authorization: 'Bearer b' }),
    same: false,
  },
  {
    name: 'another cookie',
    left: request({ Cookie: 'a=1' }),
    right: request({ Cookie: 'a=2' }),
    same: false,
  },
  { name: 'another method', left: request(), right: request({}, { method: 'HEAD' }), same: false },
  { name: 'another URL', left: request(), right: request({}, { url: 'http://a/b' }), same: false },
  {
    name: 'another time limit',
    left: request(),
    right: request({}, { timeouts: { ...timeouts, totalMs: 1 } }),
    same: false,
  },
]
for (const { name, left, right, same } of EQUAL) {
  test(`${same ? 'the same' : 'not the same'}: ${name}`, () => {
    const ignored = new Set(['x-id'])
    expect(shareKey(left, ignored) === shareKey(right, ignored)).toBe(same)
  })
}

const HEADS: { fields: Record<string, string>; may: boolean }[] = [
  { fields: {}, may: true },
  { fields: { 'content-length': '10' }, may: true },
  { fields: { 'content-length': '11' }, may: false },
  { fields: { 'content-type': 'text/event-stream; charset=utf-8' }, may: false },
  { fields: { 'content-type': 'Multipart/X-Mixed-Replace;boundary=a' }, may: false },
  { fields: { 'content-type': 'text/event-stream2' }, may: true },
]
for (const { fields, may } of HEADS) {
  test(`an answer ${may ? 'for all' : 'for one'}: ${JSON.stringify(fields)}`, () => {
    expect(mayBeShared(new Map(Object.entries(fields)), 10)).toBe(may)
  })
}
