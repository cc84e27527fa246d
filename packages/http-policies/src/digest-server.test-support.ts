/** Servers from Debian's packages that ask for a digest, on loopback. They end with the test's process, however that ends. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const REALM = 'a realm'
export const USER = 'u'
export const PASSWORD = 'secret'

interface Program {
  readonly path: string
  readonly args: (folder: string) => string[]
  readonly hash: 'md5' | 'sha256'
  readonly configuration: (folder: string, port: number) => string
}

const MODULES = ['mpm_event', 'auth_digest', 'authn_core', 'authn_file', 'authz_core', 'authz_user']

type Name = 'apache2' | 'lighttpd'

const PROGRAMS: Readonly<Record<Name, Program>> = {
  apache2: {
    path: '/usr/sbin/apache2',
    args: (folder) => ['-f', join(folder, 'configuration'), '-DFOREGROUND'],
    hash: 'md5',
    // Every answer has rspauth and nextnonce, with a lifetime as short as this.
    configuration: (folder, port) => `
ServerRoot ${folder}
PidFile ${folder}/pid
ErrorLog ${folder}/log
Listen 127.0.0.1:${port}
ServerName localhost
User www-data
Group www-data
${MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
DocumentRoot ${folder}
<Location />
AuthType Digest
AuthName "${REALM}"
AuthUserFile ${folder}/users
AuthDigestNonceLifetime 20
Require valid-user
</Location>
`,
  },
  lighttpd: {
    path: '/usr/sbin/lighttpd',
    args: (folder) => ['-D', '-f', join(folder, 'configuration')],
    hash: 'sha256',
    configuration: (folder, port) => `
server.document-root = "${folder}"
server.bind = "127.0.0.1"
server.port = ${port}
server.modules = ( "mod_auth", "mod_authn_file" )
auth.backend = "htdigest"
auth.backend.htdigest.userfile = "${folder}/users"
auth.require = ( "/" => (
  "method" => "digest", "algorithm" => "SHA-256", "realm" => "${REALM}", "require" => "valid-user"
) )
`,
  },
}

export function isHere(name: Name): boolean {
  return existsSync(PROGRAMS[name].path)
}

/** Removes the folder and kills the group that it leads, itself included, when its input ends. */
const WATCH = '"$@" </dev/null & read -r _; rm -rf "$0"; kill -KILL -$$'

/** Starts a server with one file, `a.txt`. */
export async function startDigestServer(
  name: Name,
): Promise<{ readonly origin: string; readonly stop: () => Promise<void> }> {
  const { path, args, hash, configuration } = PROGRAMS[name]
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'http-policies-'))
  chmodSync(folder, 0o755)
  const secret = createHash(hash).update(`${USER}:${REALM}:${PASSWORD}`).digest('hex')
  const files = {
    configuration: configuration(folder, port),
    users: `${USER}:${REALM}:${secret}\n`,
    'a.txt': 'Hello',
  }
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text)
  const watch = spawn('/bin/sh', ['-c', WATCH, folder, path, ...args(folder)], { detached: true })
  let said = ''
  for (const stream of [watch.stdout, watch.stderr]) stream.on('data', (text) => (said += String(text)))
  const stop = async (): Promise<void> => {
    const gone = once(watch, 'close')
    watch.stdin.end()
    await gone
  }
  const origin = `http://127.0.0.1:${port}`
  for (let tries = 0; !(await answers(origin)); tries++) {
    if (tries < 500) await delay(10)
    else {
      await stop()
      throw new Error(`${name} does not answer: ${said}`)
    }
  }
  return { origin, stop }
}

async function answers(origin: string): Promise<boolean> {
  return fetch(origin).then(
    ({ status }) => status === 401,
    () => false,
  )
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
