// The registry of one rehearsal: started, given a user, asked what it holds, and stopped.
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { installOnUse } from '../installed-on-use.mjs'
import { scope } from '../workspace.mjs'

const home = fileURLToPath(new URL('registry', import.meta.url))

/**
 * @typedef {object} Registry
 * @property {string} url `http://127.0.0.1:<port>/`
 * @property {string} npmrc What makes a client use this registry, and nothing else, with the right to publish.
 * @property {(name: string) => Promise<PublishedPackage>} packageDocument
 * @property {() => void} stop
 */

/**
 * @typedef {object} PublishedPackage
 * @property {Record<string, string>} dist-tags
 * @property {Record<string, { dependencies?: Record<string, string>, dist: { tarball: string } }>} versions
 */

/**
 * @param {string} dir An empty folder for what is published.
 * @returns {Promise<Registry>}
 * @throws {Error} It did not start.
 */
export async function startRegistry(dir) {
  await installOnUse(home)
  mkdirSync(dir, { recursive: true })
  const config = join(dir, 'config.yaml')
  writeFileSync(config, configuration(dir))
  const child = spawn(process.execPath, [join(home, 'serve.mjs'), config], {
    cwd: dir,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const url = `http://127.0.0.1:${await portFrom(child)}/`
  const token = await tokenOf(url)
  return {
    url,
    npmrc: `registry=${url}\n${scope}:registry=${url}\n//${new URL(url).host}/:_authToken=${token}\nupdate-notifier=false\n`,
    packageDocument: (name) => getJson(`${url}${name.replace('/', '%2f')}`),
    stop: () => child.kill('SIGKILL'),
  }
}

/**
 * No uplink: what was not published in this run is not there.
 *
 * @param {string} dir
 */
function configuration(dir) {
  return [
    `storage: ${join(dir, 'storage')}`,
    `auth: { htpasswd: { file: ${join(dir, 'htpasswd')}, max_users: 1 } }`,
    'uplinks: {}',
    `packages: { '${scope}/*': { access: $all, publish: $authenticated } }`,
    'web: { enable: false }',
    'log: { type: stdout, format: json, level: error }',
    '',
  ].join('\n')
}

/**
 * @param {import('node:child_process').ChildProcessByStdio<import('node:stream').Writable, import('node:stream').Readable, null>} child
 * @returns {Promise<string>}
 */
function portFrom(child) {
  return new Promise((resolve, reject) => {
    let said = ''
    createInterface(child.stdout).on('line', (line) => {
      said += `${line}\n`
      const [, port] = /^listening (\d+)$/.exec(line) ?? []
      if (port !== undefined) resolve(port)
    })
    child.on('error', reject)
    child.on('close', (code) => reject(new Error(`the registry ended with exit code ${code}\n${said}`)))
  })
}

/** @param {string} url */
async function tokenOf(url) {
  const response = await fetch(`${url}-/user/org.couchdb.user:rehearsal`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify({ name: 'rehearsal', password: 'rehearsal-only' }),
  })
  const { token } = await response.json()
  if (typeof token !== 'string') throw new Error(`the registry made no user: ${response.status}`)
  return token
}

/**
 * @param {string} url
 * @returns {Promise<any>}
 */
async function getJson(url) {
  const response = await fetch(url, { headers: { connection: 'close' } })
  if (!response.ok) throw new Error(`${new URL(url).pathname}: the registry answers ${response.status}`)
  return response.json()
}
