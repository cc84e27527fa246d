/** Downloads that break off and go on, over connections in memory, with a clock that moves only when told to. */
import { expect, test } from 'vitest'
import { resume } from './index.ts'
import type { ResumeAttempt, ResumeOptions } from './index.ts'
import { fieldOf, memoryServer, readRequest, responseText, settle } from './memory-server.test-support.ts'
import type { MemoryServer } from './memory-server.test-support.ts'
import type { SessionOptions } from '@x/http-session'

const URL = 'http://a.example/'
const TEXT = 'the quick brown fox'
const TAG = { ETag: '"a"' }

/** What the server does with a request: sends so much and breaks off; ends it as it should; or waits. */
interface Answer {
  readonly text: string
  readonly end: 'break' | 'stay'
}

function server(
  answer: (request: string, index: number) => Answer,
  options: ResumeOptions = {},
  session: SessionOptions = {},
): MemoryServer & { requests: string[] } {
  const requests: string[] = []
  const made = memoryServer(
    async (peer) => {
      for (let text = await readRequest(peer); text !== null; text = await readRequest(peer)) {
        const { text: response, end } = answer(text, requests.push(text) - 1)
        peer.writer.writeText(response, 'latin1')
        if (end === 'stay') continue
        await peer.writer.drain()
        return peer.close()
      }
    },
    { middleware: [resume({ random: () => 0.5, ...options })], ...session },
  )
  return { ...made, requests }
}

/** The first `count` bytes of a whole response. */
function begun(count: number, fields: Record<string, string> = TAG): Answer {
  const whole = responseText(200, fields, TEXT)
  return { text: whole.slice(0, whole.length - TEXT.length + count), end: 'break' }
}

function rest(from: number, fields: Record<string, string> = TAG): string {
  const range = { 'Content-Range': `bytes ${from}-${TEXT.length - 1}/${TEXT.length}` }
  return responseText(206, { ...range, ...fields }, TEXT.slice(from))
}

const BUSY: Answer = { text: responseText(503), end: 'stay' }

/** Lets `rounds` times a second pass, and everything happen that follows. */
async function pass({ clock }: MemoryServer, rounds = 5): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    await settle()
    clock.advance(1000)
  }
  await settle()
}

async function outcomeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(null, (error: unknown) => error)
}

test('what breaks off goes on where it was, wherever that is', async () => {
  for (let count = 0; count < TEXT.length; count++) {
    const made = server((_request, index) =>
      index === 0 ? begun(count) : { text: rest(count), end: 'stay' },
    )
    const response = await made.session.get(URL)
    const text = response.text()
    await pass(made, 1)
    expect(await text, `after ${count}`).toBe(TEXT)
    expect(made.requests.length).toBe(2)
    expect(fieldOf(made.requests[1]!, 'Range')).toBe(`bytes=${count}-`)
    expect(fieldOf(made.requests[1]!, 'If-Range')).toBe('"a"')
    expect([response.status, response.headers.get('content-length')]).toEqual([200, String(TEXT.length)])
    await made.session.close()
    made.clock.advance(60_000)
    expect(made.clock.timerCount).toBe(0)
  }
})

test('it breaks off again and again, also in a part, and chunk by chunk nothing is lost or there twice', async () => {
  const made = server(
    (_request, index) => {
      const from = index * 2
      if (index === 0) return begun(2)
      const whole = rest(from)
      const isLast = from + 2 >= TEXT.length
      return isLast
        ? { text: whole, end: 'stay' }
        : { text: whole.slice(0, whole.length - TEXT.length + from + 2), end: 'break' }
    },
    { maxResumes: 100 },
  )
  const response = await made.session.get(URL)
  let text = ''
  const reading = (async () => {
    for await (const chunk of response) text += new TextDecoder().decode(chunk)
  })()
  await pass(made, 12)
  await reading
  expect(text).toBe(TEXT)
  expect(made.requests.length).toBe(10)
})

test('a part of another length than the part before is of something else', async () => {
  const chunked = `HTTP/1.1 200 X\r\nETag: "a"\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nth\r\n`
  const made = server((_request, index) => {
    if (index === 0) return { text: chunked, end: 'break' }
    const whole = rest(2 * index)
    if (index === 1) return { text: whole.slice(0, whole.length - TEXT.length + 4), end: 'break' }
    const range = { 'Content-Range': 'bytes 4-8/9' }
    return { text: responseText(206, { ...range, ...TAG }, 'other'), end: 'stay' }
  })
  const outcome = outcomeOf(made.session.get(URL).text())
  await pass(made, 3)
  expect(await outcome).toMatchObject({ code: 'ERR_HTTP_RESUME_CHANGED', received: 4 })
  expect(made.requests.length).toBe(3)
})

test('the waits grow only while no byte comes, and onResume sees them', async () => {
  const attempts: ResumeAttempt[] = []
  const made = server(
    (_request, index) =>
      [begun(3), BUSY, BUSY, { text: rest(3).slice(0, -10), end: 'break' } as const][index] ?? {
        text: rest(TEXT.length - 10),
        end: 'stay',
      },
    { onResume: (attempt) => void attempts.push(attempt) },
  )
  const text = made.session.get(URL).text()
  await pass(made, 4)
  expect(await text).toBe(TEXT)
  expect(
    attempts.map(({ resumes, receivedByteCount, delayMs }) => [resumes, receivedByteCount, delayMs]),
  ).toEqual([
    [0, 3, 50],
    [1, 3, 100],
    [2, 3, 200],
    [3, 9, 50],
  ])
  expect(attempts.every(({ error }) => (error as { code: string }).code === 'ERR_HTTP_BODY_INCOMPLETE')).toBe(
    true,
  )
})

const ENDINGS: { name: string; answer: string; error: Record<string, unknown> }[] = [
  {
    name: 'all anew',
    answer: responseText(200, { ETag: '"b"' }, TEXT),
    error: { code: 'ERR_HTTP_RESUME_CHANGED', received: 3, cause: { code: 'ERR_HTTP_BODY_INCOMPLETE' } },
  },
  { name: 'another tag', answer: rest(3, { ETag: '"b"' }), error: { code: 'ERR_HTTP_RESUME_CHANGED' } },
  { name: 'another part', answer: rest(4), error: { code: 'ERR_HTTP_RESUME_RANGE', received: 3 } },
  {
    name: 'less than the part has',
    answer: responseText(206, { ...TAG, 'Content-Range': 'bytes 3-18/19' }, 'short'),
    error: { code: 'ERR_HTTP_RESUME_RANGE', received: 8 },
  },
  {
    name: 'more than the part has',
    answer: responseText(206, { ...TAG, 'Content-Range': 'bytes 3-18/19' }, `${TEXT}${TEXT}`),
    error: { code: 'ERR_HTTP_RESUME_RANGE' },
  },
  { name: '416', answer: responseText(416), error: { code: 'ERR_HTTP_BODY_INCOMPLETE', received: 3 } },
  { name: '404', answer: responseText(404), error: { code: 'ERR_HTTP_BODY_INCOMPLETE', received: 3 } },
  {
    name: 'a redirect',
    answer: responseText(302, { Location: '/b' }),
    error: { code: 'ERR_HTTP_BODY_INCOMPLETE' },
  },
  {
    name: 'what is no HTTP',
    answer: 'hello\r\n\r\n',
    error: { code: 'ERR_HTTP_BODY_INCOMPLETE', received: 3 },
  },
]
for (const { name, answer, error } of ENDINGS) {
  test(`it cannot go on: ${name}`, async () => {
    const made = server((_request, index) => (index === 0 ? begun(3) : { text: answer, end: 'stay' }))
    const outcome = outcomeOf(made.session.get(URL).text())
    await pass(made, 2)
    expect(await outcome).toMatchObject(error)
    expect(made.requests.length).toBe(2)
    await made.session.close()
    made.clock.advance(60_000)
    expect(made.clock.timerCount).toBe(0)
  })
}

const UNTOUCHED: { name: string; first: Answer; options?: ResumeOptions }[] = [
  { name: 'no validator', first: begun(3, {}) },
  { name: 'no ranges', first: begun(3, { ...TAG, 'Accept-Ranges': 'none' }) },
  { name: 'a coding that is undone', first: begun(3, { ...TAG, 'Content-Encoding': 'gzip' }) },
  { name: 'no attempts', first: begun(3), options: { maxResumes: 0 } },
  { name: 'onResume says no', first: begun(3), options: { onResume: () => false } },
]
for (const { name, first, options } of UNTOUCHED) {
  test(`it breaks off for good: ${name}`, async () => {
    const made = server(() => first, options)
    const { code } = (await outcomeOf(made.session.get(URL).text())) as { code: string }
    expect(code).toMatch(/^ERR_HTTP_(?:BODY_INCOMPLETE|DECODE)$/)
    expect(made.requests.length).toBe(1)
  })
}

test('a coding that is left in place does no harm, and identity asks for none', async () => {
  const coded = { ...TAG, 'Content-Encoding': 'gzip' }
  const made = server(
    (_request, index) => (index === 0 ? begun(5, coded) : { text: rest(5, coded), end: 'stay' }),
    { identity: true },
    { contentDecoding: false },
  )
  const response = await made.session.get(URL)
  const text = response.text()
  await pass(made, 1)
  expect(await text).toBe(TEXT)
  expect(response.contentCodings).toEqual(['gzip'])
  expect(made.requests.map((request) => fieldOf(request, 'Accept-Encoding'))).toEqual([
    'identity',
    'identity',
  ])
})

test('the attempts are limited', async () => {
  const made = server((_request, index) => (index === 0 ? begun(3) : BUSY), {
    maxResumes: 2,
  })
  const outcome = outcomeOf(made.session.get(URL).text())
  await pass(made, 3)
  expect(await outcome).toMatchObject({ code: 'ERR_HTTP_BODY_INCOMPLETE', received: 3 })
  expect(made.requests.length).toBe(3)
})

test('a wait longer than bodyIdleMs is not idle', async () => {
  const made = server(
    (_request, index) =>
      index === 0
        ? begun(3)
        : index === 1
          ? { text: responseText(503, { 'Retry-After': '30' }), end: 'stay' }
          : { text: rest(3), end: 'stay' },
    {},
    { timeouts: { bodyIdleMs: 1500 } },
  )
  const text = made.session.get(URL).text()
  await pass(made, 80)
  expect(await text).toBe(TEXT)
})

for (const end of ['abort', 'total', 'discard', 'close'] as const) {
  test(`whoever leaves in the wait leaves nothing behind: ${end}`, async () => {
    const made = server((_request, index) => (index === 0 ? begun(3) : BUSY), {
      baseMs: 60_000,
      maxDelayMs: 60_000,
    })
    const controller = new AbortController()
    const { signal } = controller
    const response = await made.session.get(URL, { signal, timeouts: { totalMs: 5000 } })
    const outcome = outcomeOf(
      (async () => {
        for await (const chunk of response) expect(chunk.length).toBe(3)
      })(),
    )
    await pass(made, 2)
    if (end === 'abort') controller.abort(new Error('enough'))
    if (end === 'total') made.clock.advance(5000)
    if (end === 'discard') response.discard()
    if (end === 'close') void made.session.close({ graceMs: 0 })
    await pass(made, 2)
    expect(await outcome).toMatchObject(
      {
        abort: { message: 'enough' },
        total: { code: 'ERR_HTTP_TIMEOUT_TOTAL' },
        discard: { code: 'ERR_HTTP_BODY_INCOMPLETE' },
        close: { code: 'ERR_HTTP_SESSION_CLOSED' },
      }[end],
    )
    expect(made.requests.length).toBe(1)
    await made.session.close()
    made.clock.advance(60_000)
    expect(made.clock.timerCount).toBe(0)
    expect(made.openCount()).toBe(0)
  })
}

test('whoever leaves while the rest is asked for gets none of it', async () => {
  const made = server((_request, index) => (index === 0 ? begun(3) : { text: '', end: 'stay' }), {
    baseMs: 0,
  })
  const response = await made.session.get(URL)
  const outcome = outcomeOf(response.text())
  await pass(made, 1)
  expect(made.requests.length).toBe(2)
  response.discard()
  expect(await outcome).toMatchObject({ code: 'ERR_HTTP_BODY_INCOMPLETE' })
  made.pairs[1]!.server.writer.writeText(rest(3).slice(0, -2), 'latin1')
  await pass(made, 2)
  expect(made.openCount()).toBe(0)
  expect(made.requests.length).toBe(2)
  await made.session.close()
  made.clock.advance(60_000)
  expect(made.clock.timerCount).toBe(0)
})

test('a response that nobody reads is given up with its connection', async () => {
  const made = server(() => ({ ...begun(3), end: 'stay' }))
  const response = await made.session.get(URL)
  response.discard()
  await pass(made, 1) // a short rest is waited for, a little
  expect(made.openCount()).toBe(0)
})

test('what has come with its head is handed on as it is', async () => {
  const made = server(() => ({ text: responseText(200, TAG, TEXT), end: 'stay' }))
  const response = await made.session.get(URL)
  expect(response.progress.bytesToReceive).toBe(TEXT.length)
  expect(await response.text()).toBe(TEXT)
})

const WRONG: { options: ResumeOptions; name: string }[] = [
  { options: { maxResumes: -1 }, name: 'maxResumes' },
  { options: { baseMs: -1 }, name: 'baseMs' },
  { options: { identity: 1 as never }, name: 'identity' },
  { options: { onResume: 1 as never }, name: 'onResume' },
  { options: { random: 1 as never }, name: 'random' },
  { options: { maxRetries: 1 } as never, name: 'maxRetries' },
]
for (const { options, name } of WRONG) {
  test(`refused: ${JSON.stringify(options)}`, () => {
    expect(() => resume(options)).toThrow(
      expect.objectContaining({
        code: 'ERR_HTTP_INVALID_OPTION',
        message: expect.stringContaining(`option ${name}:`) as unknown,
      }),
    )
  })
}

test('a server that falls silent in the middle is asked for the rest', async () => {
  const silent: Answer = { ...begun(9), end: 'stay' }
  const made = server(
    (_request, index) => (index === 0 ? silent : { text: rest(9), end: 'stay' }),
    {},
    { timeouts: { bodyIdleMs: 1000 } },
  )
  const text = made.session.get(URL).text()
  await pass(made)
  expect(await text).toBe(TEXT)
  expect(made.requests.length).toBe(2)
})
