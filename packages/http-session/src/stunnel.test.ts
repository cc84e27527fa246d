/** The session against stunnel, which ends TLS in front of a server that knows none. Skipped where it is not installed. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { generate } from 'selfsigned'
import { beforeAll, describe, expect, test } from 'vitest'
import { createConnector } from './connector.ts'
import { startBackend } from './debian-servers-backend.test-support.ts'
import { newSession } from './debian-servers-client.test-support.ts'
import { freePort } from './debian-servers.test-support.ts'

const STUNNEL = ['/usr/bin/stunnel', '/usr/bin/stunnel4'].find((path) => existsSync(path))
const LARGE = randomBytes(2_000_000)
/** Ends with the end of its standard input, however the test's process ends. */
const WATCHED = '"$@" </dev/null & read -r _; kill -KILL $!'

// eslint-disable-next-line no-console -- a skipped check has to say so
if (STUNNEL === undefined) console.warn('skipped: stunnel: not in /usr/bin')

describe.skipIf(STUNNEL === undefined)('stunnel', () => {
  let port = 0
  let cert = ''

  beforeAll(async () => {
    const issued = await generate([{ name: 'commonName', value: 'localhost' }], {
      keyType: 'ec',
      algorithm: 'sha256',
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
    })
    ;({ cert } = issued)
    const backend = await startBackend()
    const folder = mkdtempSync(join(tmpdir(), 'http-session-stunnel-'))
    port = await freePort()
    writeFileSync(join(folder, 'tls.pem'), `${issued.cert}\n${issued.private}\n`, { mode: 0o600 })
    const service = `[https]\naccept = 127.0.0.1:${port}\nconnect = 127.0.0.1:${backend.port}\ncert = ${folder}/tls.pem\n`
    writeFileSync(join(folder, 'configuration'), `foreground = yes\npid =\ndebug = err\n${service}`)
    const watched = spawn('/bin/sh', ['-c', WATCHED, 'sh', STUNNEL ?? '', join(folder, 'configuration')])
    await untilAccepting(port)
    return async () => {
      watched.stdin.end()
      await once(watched, 'exit')
      rmSync(folder, { recursive: true })
      await backend.close()
    }
  })

  test('requests of all kinds on one connection, and a resumed TLS session on the next', async () => {
    const session = newSession({ connector: createConnector({ tls: { ca: cert } }) })
    const url = `https://localhost:${port}/app/`
    for (let count = 0; count < 10; count++) {
      expect(await session.get(`${url}echo?${count}`).text()).toBe(String(count))
      expect((await session.head(`${url}chunked`)).status).toBe(200)
      expect(await session.put(`${url}count`, { body: LARGE }).text()).toBe(String(LARGE.length))
    }
    expect(session.stats().opened).toBe(1)
    const echoed = Array.from({ length: 30 }, (_, count) => session.get(`${url}echo?${count}`).text())
    expect(await Promise.all(echoed)).toEqual(Array.from({ length: 30 }, (_, count) => String(count)))
  })

  test('P22 what breaks off behind it is incomplete', async () => {
    const session = newSession({ connector: createConnector({ tls: { ca: cert } }) })
    const response = await session.get(`https://localhost:${port}/app/cut-chunked`)
    await expect(response.bytes()).rejects.toMatchObject({ code: 'ERR_HTTP_BODY_INCOMPLETE' })
  })

  test('the default connector does not trust it', async () => {
    await expect(newSession().get(`https://localhost:${port}/`)).rejects.toMatchObject({
      code: 'ERR_HTTP_TLS_CERT',
    })
  })
})

async function untilAccepting(port: number): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    const socket = connect(port, '127.0.0.1')
    const accepted = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false)
    socket.destroy()
    if (accepted) return
    await delay(10)
  }
  throw new Error('stunnel did not start')
}
