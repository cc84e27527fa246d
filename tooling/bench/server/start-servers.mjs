// Starts the servers on a core of their own.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from 'selfsigned'
import { coreOf, onCore } from '../cores.mjs'
import { compile, programOf, sourceOf } from '../programs.mjs'
import { byteCounts, writeRoutes } from './routes.mjs'

const SOURCE = 'server/fixed-response.c'
const COMPILED_ADDRESSES = 20
const SCRIPT = sourceOf('server/fixed-response.mjs')

/**
 * What clients are told of the servers.
 *
 * @typedef {object} Servers
 * @property {number} port Plain.
 * @property {string[]} addresses Where the plain one listens.
 * @property {number} tlsPort
 * @property {string} certificateFile Issued for 127.0.0.1, by itself.
 * @property {Record<string, { content: number, response: number }>} byteCounts By target.
 * @property {string} plainServer What answers without TLS, for people.
 * @property {string} tlsServer
 */

/**
 * @param {string} node The Node to run them with.
 * @returns {Promise<{ servers: Servers, stop: () => void }>}
 */
export async function startServers(node) {
  const dir = mkdtempSync(join(tmpdir(), 'x-bench-'))
  const { keyFile, certificateFile } = await writeCertificate(dir)
  const compiled = compiledServer()
  const plain =
    compiled === null
      ? await start(onCore('server', [node, SCRIPT]))
      : await start([compiled, String(coreOf('server')), ...writeRoutes(dir)])
  const tls = await start(onCore('server', [node, SCRIPT, keyFile, certificateFile]))
  return {
    servers: {
      port: plain.port,
      addresses: Array.from(
        { length: compiled === null ? 1 : COMPILED_ADDRESSES },
        (_, at) => `127.0.0.${at + 1}`,
      ),
      tlsPort: tls.port,
      certificateFile,
      byteCounts: byteCounts(),
      plainServer:
        compiled === null ? 'Node, bare sockets (not compiled: it limits fast clients)' : 'C, epoll',
      tlsServer: 'Node, bare TLS sockets (it limits fast clients)',
    },
    stop: () => {
      plain.stop()
      tls.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** @returns {string | null} The program; `null` where this machine has no compiler. */
function compiledServer() {
  const why = compile(SOURCE, (source, program) => ['cc', '-O2', '-Wall', '-o', program, source])
  if (why === null) return programOf(SOURCE)
  console.log(`the server is not compiled: ${why}`)
  return null
}

/** @param {string} dir */
async function writeCertificate(dir) {
  const certificateFile = join(dir, 'certificate.pem')
  const keyFile = join(dir, 'key.pem')
  const pems = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  })
  writeFileSync(certificateFile, pems.cert)
  writeFileSync(keyFile, pems.private, { mode: 0o600 })
  return { keyFile, certificateFile }
}

/**
 * @param {string[]} command Prints its port and ends with its standard input.
 * @returns {Promise<{ port: number, stop: () => void }>}
 */
function start([file, ...args]) {
  return new Promise((resolve, reject) => {
    const child = spawn(String(file), args, { stdio: ['pipe', 'pipe', 'inherit'] })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the server ended with exit code ${code}`)))
    child.stdout.once('data', (line) =>
      resolve({ port: Number(String(line)), stop: () => child.stdin.end() }),
    )
  })
}
