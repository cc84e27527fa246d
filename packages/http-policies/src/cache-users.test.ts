/** Users that the URL names: what one of them was answered is not another's. */
import { expect, test } from 'vitest'
import { cache } from './cache.ts'
import { answeringBy, memoryServer, responseText, settle } from './memory-server.test-support.ts'

test('a cached answer for one user of the URL is not given to another', async () => {
  const names = ['alice', 'bob']
  const fields = { 'Cache-Control': 'max-age=1000' }
  const server = memoryServer(
    answeringBy((_request, index) => responseText(200, fields, names[index])),
    { middleware: [cache()] },
  )
  expect(await server.session.get('http://alice:a@a.example/').text()).toBe('alice')
  await settle()
  expect(await server.session.get('http://bob:b@a.example/').text()).toBe('bob')
  expect(await server.session.get('http://alice:a@a.example/').text()).toBe('alice')
})
