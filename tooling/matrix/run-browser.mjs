// The suite as a page, with the packages as they are built: an import map in place of a bundler.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { entriesOf, packages, root } from '../workspace.mjs'
import { start } from './processes.mjs'
import { Reports } from './reports.mjs'

const TIME_LIMIT_MS = 60_000
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-breakpad',
  // Two pipes, which nothing is sent over: the browser ends when they do, also where this process was killed.
  '--remote-debugging-pipe',
]
/** What the page may have of the work tree. */
const SERVED = /^\/(?:packages\/[\w-]+\/dist|tooling\/matrix\/(?:suite|entries))\/[\w.-]+\.m?js$/

/**
 * @param {string} browser
 * @param {string} dir
 * @returns {Promise<import('./runtimes.mjs').RunResult>}
 */
export async function runInBrowser(browser, dir) {
  const reports = new Reports()
  /** @type {(value?: unknown) => void} */
  let tellDone = () => {}
  const done = new Promise((resolve) => (tellDone = resolve))
  const server = createServer((request, response) => {
    if (request.method !== 'POST') return serve(request.url ?? '', response)
    let body = ''
    request.setEncoding('utf8').on('data', (text) => (body += text))
    request.on('end', () => {
      reports.add(body)
      response.end()
      // A page that could not be loaded has no cases.
      if (reports.isDone || request.url === '/failure') tellDone()
    })
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const command = [browser, ...FLAGS, `--user-data-dir=${join(dir, 'profile')}`, `http://127.0.0.1:${port}/`]
  const { ended, kill } = start(command, {
    cwd: dir,
    extraPipeCount: 2,
    timeLimitMs: TIME_LIMIT_MS,
    onLine: () => {},
  })
  const early = await Promise.race([ended, done])
  kill()
  await ended
  server.close()
  server.closeAllConnections()
  const { timedOut = false, stderr = '' } = /** @type {Partial<import('./processes.mjs').Ending>} */ (
    early ?? {}
  )
  const why = timedOut ? `not done after ${TIME_LIMIT_MS} ms` : `it ended early\n${stderr}`
  return { reports: reports.cases, broken: reports.broken(why) }
}

/**
 * @param {string} path
 * @param {import('node:http').ServerResponse} response
 */
function serve(path, response) {
  if (path === '/') return void response.setHeader('content-type', 'text/html').end(page())
  if (!SERVED.test(path)) return void response.writeHead(404).end()
  try {
    const content = readFileSync(join(root, path))
    response.setHeader('content-type', 'text/javascript').end(content)
  } catch {
    response.writeHead(404).end()
  }
}

function page() {
  const imports = Object.fromEntries(
    packages.flatMap((pkg) =>
      entriesOf(pkg).map(({ subpath, name }) => [
        `${pkg.name}${subpath.slice(1)}`,
        `/${pkg.folder}/dist/${name}.js`,
      ]),
    ),
  )
  return `<!doctype html>
<title>matrix</title>
<link rel="icon" href="data:,">
<script type="importmap">${JSON.stringify({ imports })}</script>
<script>
  const tell = (error) => fetch('/failure', { method: 'POST', body: String(error) })
  addEventListener('error', (event) => tell(event.message ?? 'a script could not be loaded'), true)
  addEventListener('unhandledrejection', ({ reason }) => tell(reason?.stack ?? reason))
</script>
<script type="module" src="/tooling/matrix/entries/page.mjs"></script>
`
}
