/**
 * Servers from Debian's packages, each a process group with a folder and ports of its own, on loopback.
 *
 * A shell leads the group. It waits for the end of its standard input, which comes with the end of the test's process however that ends, and then
 * removes the folder and kills the group: no server outlives its test.
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { test } from 'vitest'
import { CONFIGURATIONS } from './debian-servers-configuration.test-support.ts'
import type { Program, ServerSettings } from './debian-servers-configuration.test-support.ts'

/** A server that answers. */
export interface RunningServer {
  readonly port: number
  /** With a slash at its end. */
  readonly url: string
  /** The same with TLS, for `localhost`. */
  readonly secureUrl: string
  /** Its files are under `www`; what it was given by PUT is under `dav`. */
  readonly folder: string
  /** Kills it with all its processes (SIGKILL) and resolves when they are gone. Idempotent. */
  kill(): Promise<void>
  /** `kill`, and removes its folder. */
  remove(): Promise<void>
  /** Starts it again, on the same port, with the same files. */
  restart(): Promise<void>
}

/** Where each program is that is here. */
const PATHS = new Map<Program, string>()
for (const program of Object.keys(CONFIGURATIONS) as Program[]) {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  const path = folders.map((folder) => join(folder, program)).find((each) => existsSync(each))
  if (path !== undefined) PATHS.set(program, path)
}

/** Those of `programs` that are here. A line says which ones are not, and a skipped test stands for each. Once in a file. */
export function present<Name extends Program>(...programs: Name[]): Name[] {
  const missing = programs.filter((program) => !PATHS.has(program))
  // eslint-disable-next-line no-console -- a skipped check has to say so
  if (missing.length > 0) console.warn(`skipped: ${missing.join(', ')}: neither in PATH nor in /usr/sbin`)
  for (const program of missing) test.skipIf(!PATHS.has(program))(`${program}: not here`, () => {})
  return programs.filter((program) => PATHS.has(program))
}

/** Starts `program` and waits until it answers. @throws What it said, where it does not start. */
export async function startServer(
  program: Program,
  settings: ServerSettings = {},
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<RunningServer> {
  for (let triesLeft = 4; ; triesLeft--) {
    const server = new DebianServer(program, settings, await freePort(), await freePort())
    server.writeFiles(files)
    try {
      await server.start()
      return server
    } catch (error) {
      await server.remove()
      // Somebody else may have taken a port that was free a moment ago.
      if (triesLeft === 0 || !/address already in use|cannot bind|could not bind/i.test(String(error)))
        throw error
    }
  }
}

const STARTING_LIMIT_MS = 10_000
const WATCH =
  '{ "$@" </dev/null; echo "exited with $?" >&2; kill -KILL -$$; } & read -r _; rm -rf "$0"; kill -KILL -$$'

class DebianServer implements RunningServer {
  readonly port: number
  readonly url: string
  readonly secureUrl: string
  readonly folder: string
  readonly #command: readonly string[]
  /** Only this server can tell it. */
  readonly #nonce: string = randomUUID()
  #process: ChildProcess | null = null
  #output = ''

  constructor(program: Program, settings: ServerSettings, port: number, securePort: number) {
    this.port = port
    this.url = `http://127.0.0.1:${port}/`
    this.secureUrl = `https://localhost:${securePort}/`
    this.folder = mkdtempSync(join(tmpdir(), `http-session-${program}-`))
    // A server that was started by root gives its privileges up.
    chmodSync(this.folder, 0o755)
    for (const name of ['www', 'dav', 'tmp']) {
      mkdirSync(join(this.folder, name))
      chmodSync(join(this.folder, name), 0o777)
    }
    const { folder } = this
    const nonce = this.#nonce
    const { configuration, args } = CONFIGURATIONS[program]({ ...settings, folder, port, securePort, nonce })
    writeFileSync(join(folder, 'configuration'), configuration)
    writeFileSync(join(folder, 'www/started'), nonce)
    if (settings.tls !== undefined)
      writeFileSync(join(folder, 'tls.pem'), `${settings.tls.cert}\n${settings.tls.key}\n`, { mode: 0o600 })
    this.#command = [PATHS.get(program) ?? program, ...args]
  }

  writeFiles(files: Readonly<Record<string, string | Uint8Array>>): void {
    for (const [name, content] of Object.entries(files))
      writeFileSync(join(this.folder, 'www', name), content)
  }

  async start(): Promise<void> {
    const watched = spawn('/bin/sh', ['-c', WATCH, this.folder, ...this.#command], {
      detached: true,
      cwd: this.folder,
    })
    this.#process = watched
    this.#output = ''
    for (const stream of [watched.stdout, watched.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (this.#output += text))
    const until = Date.now() + STARTING_LIMIT_MS
    while (!(await this.#answers())) {
      if (watched.exitCode !== null || watched.signalCode !== null) throw this.#didNotStart('it ended')
      if (Date.now() > until) throw this.#didNotStart(`no answer within ${STARTING_LIMIT_MS} ms`)
      await delay(10)
    }
  }

  async kill(): Promise<void> {
    const watched = this.#process
    this.#process = null
    if (watched?.pid === undefined || watched.exitCode !== null || watched.signalCode !== null) return
    const gone = once(watched, 'close')
    process.kill(-watched.pid, 'SIGKILL')
    await gone
    // The number in it belongs to nobody now, or to somebody else.
    rmSync(join(this.folder, 'pid'), { force: true })
  }

  async remove(): Promise<void> {
    await this.kill()
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }

  async restart(): Promise<void> {
    await this.kill()
    await this.start()
  }

  /** Whether it is this server that answers on its port. */
  #answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const asking = get(
        { host: '127.0.0.1', port: this.port, path: '/started', agent: false },
        (response) => {
          let text = ''
          response.setEncoding('utf8').on('data', (piece: string) => (text += piece))
          response.on('end', () => resolve(text.trim() === this.#nonce)).on('error', () => resolve(false))
        },
      )
      asking.on('error', () => resolve(false))
    })
  }

  #didNotStart(why: string): Error {
    const log = join(this.folder, 'error.log')
    const logged = existsSync(log) ? readFileSync(log, 'utf8') : ''
    return new Error(`${this.#command.join(' ')} did not start: ${why}\n${this.#output}${logged}`)
  }
}

/** One that nobody listens on, for the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
