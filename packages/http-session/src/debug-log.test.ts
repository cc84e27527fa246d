/** What `NODE_DEBUG=http-session` shows, and that without it nothing is different. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { debugLine, withDebugLog, withoutDebugLog } from './debug-log.ts'
import type { DebugRuntime } from './debug-log.ts'
import { UsageError } from './errors.ts'
import type { TraceEvent } from './trace.ts'

const REQUEST = {
  at: 12.34,
  requestId: 3,
  method: 'GET',
  url: 'http://a.example/path?token=secret',
  attempts: 1,
}
const ANY = 'http://a.example/path'

const LINES: { name: string; event: TraceEvent; line: string }[] = [
  {
    name: 'a step without news',
    event: { ...REQUEST, type: 'queued' },
    line: `#3 GET ${ANY} queued, at 12.3 ms`,
  },
  {
    name: 'octets',
    event: { ...REQUEST, type: 'sent', byteCount: 5 },
    line: `#3 GET ${ANY} sent 5 bytes, at 12.3 ms`,
  },
  {
    name: 'a status',
    event: { ...REQUEST, type: 'headers', status: 404 },
    line: `#3 GET ${ANY} headers 404, at 12.3 ms`,
  },
  {
    name: 'a second attempt',
    event: { ...REQUEST, attempts: 2, type: 'firstByte' },
    line: `#3 GET ${ANY} firstByte, attempt 2, at 12.3 ms`,
  },
  {
    name: 'a redirect, without what may be secret',
    event: {
      ...REQUEST,
      type: 'redirect',
      status: 302,
      location: 'https://user:pass@b.example/next?code=secret#x',
    },
    line: `#3 GET ${ANY} redirect 302 to https://b.example/next, at 12.3 ms`,
  },
  {
    name: 'an error, without queries and line breaks',
    event: {
      ...REQUEST,
      type: 'failed',
      error: new UsageError('ERR_HTTP_INVALID_URL', 'bad\r\n "http://a.example/x?token=secret" there'),
    },
    line: `#3 GET ${ANY} failed ERR_HTTP_INVALID_URL: bad "http://a.example/x" there, at 12.3 ms`,
  },
  {
    name: 'an error without a code',
    event: { ...REQUEST, type: 'failed', error: new TypeError('no') },
    line: `#3 GET ${ANY} failed TypeError: no, at 12.3 ms`,
  },
  {
    name: 'a reason that is no error',
    event: { ...REQUEST, type: 'failed', error: 'secret' },
    line: `#3 GET ${ANY} failed string, at 12.3 ms`,
  },
  {
    name: 'the end of a connection',
    event: { type: 'closed', at: 40, origin: 'http://a.example', exchangeCount: 2 },
    line: '- http://a.example closed after 2 exchanges, at 40.0 ms',
  },
]

for (const { name, event, line } of LINES) {
  test(`a line of the log: ${name}`, () => expect(debugLine(event)).toBe(line))
}

const EVENT: TraceEvent = { ...REQUEST, type: 'queued' }

function runtimeWith(section: string | undefined, logged: string[]): DebugRuntime {
  const debuglog = (name: string) =>
    Object.assign((_format: string, text: string) => void logged.push(text), { enabled: section === name })
  return { process: { env: { NODE_DEBUG: section }, getBuiltinModule: () => ({ debuglog }) } }
}

test('the log stands in front of the listener that the caller has', () => {
  const heard: unknown[] = []
  const logged: string[] = []
  const listener = withDebugLog((event) => heard.push(event), runtimeWith('http-session', logged))
  listener?.(EVENT)
  expect([heard, logged]).toEqual([[EVENT], [debugLine(EVENT)]])
})

test('the listener behind the log', () => {
  const listener = (): void => {}
  const runtime = runtimeWith('http-session', [])
  expect(withoutDebugLog(withDebugLog(listener, runtime))).toBe(listener)
  expect(withoutDebugLog(withDebugLog(undefined, runtime))).toBeUndefined()
  expect(withoutDebugLog(listener)).toBe(listener)
  expect(withoutDebugLog(undefined)).toBeUndefined()
})

test('a listener that does not want to hear is spared', () => {
  const heard: unknown[] = []
  const logged: string[] = []
  const deaf = Object.assign((event: TraceEvent) => void heard.push(event), { isWanted: () => false })
  withDebugLog(deaf, runtimeWith('http-session', logged))?.(EVENT)
  expect([heard.length, logged.length]).toEqual([0, 1])
})

const RUNTIMES: { name: string; runtime: DebugRuntime }[] = [
  { name: 'NODE_DEBUG is not set', runtime: runtimeWith(undefined, []) },
  { name: 'NODE_DEBUG names others', runtime: runtimeWith('http', []) },
  { name: 'Node is too old', runtime: { process: { env: { NODE_DEBUG: 'http-session' } } } },
  {
    name: 'there is no such module',
    runtime: { process: { env: { NODE_DEBUG: 'x' }, getBuiltinModule: () => undefined } },
  },
  { name: 'there is no environment', runtime: { process: {} } },
  { name: 'there is no process', runtime: {} },
  { name: 'the runtime is Deno', runtime: { ...runtimeWith('http-session', []), Deno: {} } },
]

for (const { name, runtime } of RUNTIMES) {
  test(`nothing is traced where ${name}`, () => {
    const listener = (): void => {}
    expect(withDebugLog(undefined, runtime)).toBeUndefined()
    expect(withDebugLog(listener, runtime)).toBe(listener)
  })
}

const PROGRAM = `
  import { createServer } from 'node:http'
  import { once } from 'node:events'
  import { ClientSession } from './index.ts'
  const server = createServer((request, response) => response.end('Hello')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const session = new ClientSession().extend({ onTrace() {} })
  const origin = 'http://127.0.0.1:' + server.address().port
  console.log(await session.get(origin + '/path?token=secret').text())
  await session.close()
  server.close()
`

for (const NODE_DEBUG of ['http-session', 'http-ses*', 'https', '']) {
  test(`a program with NODE_DEBUG=${NODE_DEBUG}`, { timeout: 30_000 }, async () => {
    const { stdout, stderr } = await run(await bundled, { ...process.env, NODE_DEBUG })
    expect(stdout).toBe('Hello\n')
    if (!NODE_DEBUG.startsWith('http-')) return expect(stderr).toBe('')
    const lines = stderr.trimEnd().split('\n')
    const steps = lines.map(
      (line) => /^HTTP-SESSION \d+: (?:#1 GET http:\/\/127\.0\.0\.1:\d+\/path|- \S+) (\w+)/.exec(line)?.[1],
    )
    expect(steps).toEqual([
      'queued',
      'connect',
      'connected',
      'sent',
      'firstByte',
      'headers',
      'body',
      'closed',
    ])
    expect(stderr).not.toContain('secret')
  })
}

/** Node 20 does not run TypeScript. */
const bundled: Promise<string> = build({
  stdin: { contents: PROGRAM, resolveDir: fileURLToPath(new URL('.', import.meta.url)), loader: 'ts' },
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'node',
  conditions: ['@x/source'],
}).then(({ outputFiles }) => outputFiles[0]?.text ?? '')

async function run(program: string, env: NodeJS.ProcessEnv): Promise<{ stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ['--input-type=module', '-'], { env })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (bytes) => (output.stdout += String(bytes)))
  child.stderr.on('data', (bytes) => (output.stderr += String(bytes)))
  child.stdin.end(program)
  await once(child, 'close')
  return output
}
