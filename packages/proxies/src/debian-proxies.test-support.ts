/**
 * Proxies from Debian's packages, each a process group with a folder and a port of its own, on loopback.
 *
 * A shell leads the group. It waits for the end of its standard input, which comes with the end of the test's process however that ends, and then
 * removes the folder and kills the group: no proxy outlives its test.
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { test } from 'vitest'

export type Program = 'tinyproxy' | 'squid' | 'microsocks' | 'danted'

export interface ProgramSettings {
  /** What is needed to be let through. Not for danted, which asks the system. Default: nothing. */
  readonly credentials?: { readonly user: string; readonly password: string }
  /** TLS with those who come: Squid alone. PEM. */
  readonly tls?: { readonly key: string; readonly cert: string }
}

interface Setup extends ProgramSettings {
  readonly folder: string
  readonly port: number
}

/** A proxy that listens. */
export interface RunningProxy extends AsyncDisposable {
  readonly port: number
}

interface Command {
  readonly args: readonly string[]
  readonly files?: Readonly<Record<string, string>>
}

const COMMANDS: Record<Program, (setup: Setup) => Command> = {
  tinyproxy({ folder, port, credentials }) {
    const lines = [`Port ${port}`, 'Listen 127.0.0.1', 'Allow 127.0.0.1', 'Timeout 60', 'MaxClients 100']
    if (credentials !== undefined) lines.push(`BasicAuth ${credentials.user} ${credentials.password}`)
    return { args: ['-d', '-c', `${folder}/configuration`], files: { configuration: lines.join('\n') } }
  },
  squid({ folder, port, credentials, tls }) {
    const lines = [
      tls === undefined
        ? `http_port 127.0.0.1:${port}`
        : `https_port 127.0.0.1:${port} tls-cert=${folder}/tls.pem`,
      'pid_filename none',
      'cache deny all',
      'access_log none',
      'netdb_filename none',
      `cache_log ${folder}/error.log`,
      `coredump_dir ${folder}`,
      'visible_hostname localhost',
    ]
    if (credentials === undefined) lines.push('http_access allow localhost')
    else {
      lines.push(`auth_param basic program /bin/sh ${folder}/helper`, 'auth_param basic children 1')
      lines.push('acl known proxy_auth REQUIRED', 'http_access allow known')
    }
    lines.push('http_access deny all\n')
    const line = `${credentials?.user} ${credentials?.password}`
    const helper = `while read -r line; do [ "$line" = "${line}" ] && echo OK || echo ERR; done`
    return {
      args: ['-N', '-f', `${folder}/configuration`],
      files: { configuration: lines.join('\n'), helper, 'tls.pem': `${tls?.cert}\n${tls?.key}\n` },
    }
  },
  microsocks({ port, credentials }) {
    const guarded = credentials === undefined ? [] : ['-u', credentials.user, '-P', credentials.password]
    return { args: ['-i', '127.0.0.1', '-p', String(port), ...guarded] }
  },
  danted({ folder, port }) {
    const pass = 'pass { from: 127.0.0.1/32 to: 0.0.0.0/0 }'
    const configuration = `
      logoutput: ${folder}/error.log
      internal: 127.0.0.1 port = ${port}
      external: lo
      clientmethod: none
      socksmethod: none
      client ${pass}
      socks ${pass}`
    return {
      args: ['-f', `${folder}/configuration`, '-p', `${folder}/pid`, '-N', '1'],
      files: { configuration },
    }
  },
}

/** Where each program is that is here. */
const PATHS = new Map<Program, string>()
for (const program of Object.keys(COMMANDS) as Program[]) {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  const path = folders.map((folder) => join(folder, program)).find((each) => existsSync(each))
  if (path !== undefined) PATHS.set(program, path)
}

/** Those of `programs` that are here. A line says which ones are not, and a skipped test stands for each. */
export function present<Name extends Program>(...programs: Name[]): Name[] {
  const missing = programs.filter((program) => !PATHS.has(program))
  // eslint-disable-next-line no-console -- a skipped check has to say so
  if (missing.length > 0) console.warn(`skipped: ${missing.join(', ')}: neither in PATH nor in /usr/sbin`)
  for (const program of missing) test.skipIf(!PATHS.has(program))(`${program}: not here`, () => {})
  return programs.filter((program) => PATHS.has(program))
}

const STARTING_LIMIT_MS = 10_000
const WATCH =
  '{ "$@" </dev/null; echo "exited with $?" >&2; kill -KILL -$$; } & read -r _; rm -rf "$0"; kill -KILL -$$'

/** Starts `program` and waits until it listens. @throws What it said, where it does not start. */
export async function startProxy(program: Program, settings: ProgramSettings = {}): Promise<RunningProxy> {
  for (let triesLeft = 4; ; triesLeft--) {
    try {
      return await startOnce(program, settings)
    } catch (error) {
      // Somebody else may have taken a port that was free a moment ago.
      if (triesLeft === 0 || !/in use|cannot bind|could not bind/i.test(String(error))) throw error
    }
  }
}

async function startOnce(program: Program, settings: ProgramSettings): Promise<RunningProxy> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), `proxies-${program}-`))
  // A proxy that was started by root gives its privileges up.
  chmodSync(folder, 0o777)
  const { args, files = {} } = COMMANDS[program]({ ...settings, folder, port })
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  const watched = spawn('/bin/sh', ['-c', WATCH, folder, PATHS.get(program) ?? program, ...args], {
    detached: true,
    cwd: folder,
  })
  let output = ''
  for (const stream of [watched.stdout, watched.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  const until = Date.now() + STARTING_LIMIT_MS
  while (!(await listens(port))) {
    if (watched.exitCode === null && watched.signalCode === null && Date.now() < until) {
      await delay(10)
      continue
    }
    const log = join(folder, 'error.log')
    const logged = existsSync(log) ? readFileSync(log, 'utf8') : ''
    await stop(watched, folder)
    throw new Error(`${program} ${args.join(' ')} did not start\n${output}${logged}`)
  }
  return { port, [Symbol.asyncDispose]: () => stop(watched, folder) }
}

async function stop(watched: ChildProcess, folder: string): Promise<void> {
  if (watched.pid !== undefined && watched.exitCode === null && watched.signalCode === null) {
    const gone = once(watched, 'close')
    process.kill(-watched.pid, 'SIGKILL')
    await gone
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}

/** A port that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
