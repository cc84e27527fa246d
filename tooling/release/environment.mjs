// npm and pnpm hand the programs that they start their own settings as `npm_config_*`, and those win over every file:
// a release that is started by `npm run` would publish where `npm run` happened to look. So what publishes gets an
// environment without them, and is asked where it would publish before it does.
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { pnpm } from '../pnpm.mjs'
import { mapLimited, run } from '../run.mjs'

const CLIENTS = ['npm', 'pnpm']

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {'injected' | 'all'} which `injected`: what npm and pnpm write, in lower case; what a user or a CI has set in
 *   upper case stays. `all`: both.
 * @returns {NodeJS.ProcessEnv}
 */
export function withoutClientSettings(env, which) {
  const setting = which === 'all' ? /^p?npm_/i : /^p?npm_/
  return Object.fromEntries(Object.entries(env).filter(([name]) => !setting.test(name)))
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<NodeJS.ProcessEnv>} The same with the pinned pnpm on its path: changesets calls it by name.
 * @throws {Error} npm could not bring it.
 */
export async function withPinnedPnpm(env) {
  const { command } = pnpm(['exec', process.execPath, '-p', 'process.env.PATH'])
  const { code, stdout, output } = await run(command)
  const path = stdout.trim().split('\n').at(-1) ?? ''
  const folder = path.split(delimiter).find((dir) => existsSync(join(dir, 'pnpm')))
  if (code !== 0 || folder === undefined)
    throw new Error(`the pinned pnpm is not to be had\n${output.trim()}`)
  return { ...env, PATH: `${folder}${delimiter}${env['PATH'] ?? ''}` }
}

/**
 * @typedef {object} RegistryAnswer
 * @property {string} client
 * @property {string} dir
 * @property {string} key `registry`, or that of a scope.
 * @property {string} url Where this client would publish from there; empty where nothing is set.
 */

/**
 * Asks both clients where they would publish, in each of the folders that they would publish from.
 *
 * @param {{ dirs: readonly string[], scope: string, env: NodeJS.ProcessEnv }} where `scope` with its `@`.
 * @returns {Promise<RegistryAnswer[]>}
 * @throws {Error} A client could not be asked.
 */
export function askRegistries({ dirs, scope, env }) {
  const keys = ['registry', `${scope}:registry`]
  const questions = CLIENTS.flatMap((client) =>
    dirs.flatMap((dir) => keys.map((key) => ({ client, dir, key }))),
  )
  return mapLimited(questions, 2, async ({ client, dir, key }) => {
    const { code, stdout, output } = await run([client, 'config', 'get', key], { cwd: dir, env })
    if (code !== 0) throw new Error(`${client} config get ${key}: ${output.trim()}`)
    const said = stdout.trim()
    return { client, dir, key, url: said === 'undefined' ? '' : said }
  })
}

/**
 * A manifest may name a registry of its own, and wins over every client's settings.
 *
 * @param {string} dir Of the package.
 * @param {Record<string, any>} manifest
 * @returns {RegistryAnswer[]}
 */
export function registriesIn(dir, manifest) {
  return Object.entries(manifest['publishConfig'] ?? {})
    .filter(([key]) => /(^|:)registry$/.test(key))
    .map(([, url]) => ({ client: 'publishConfig', dir, key: 'registry', url: String(url) }))
}

/**
 * @param {readonly RegistryAnswer[]} answers
 * @returns {string} The registry on which all agree; the one of the scope, where there is one, wins.
 * @throws {Error} They do not agree, or know none.
 */
export function agreedRegistry(answers) {
  const used = new Set(
    answers
      .filter(({ key }) => key === 'registry')
      .map((general) => {
        const scoped = answers.find(
          ({ client, dir, key, url }) =>
            client === general.client && dir === general.dir && key !== 'registry' && url !== '',
        )
        return new URL((scoped ?? general).url).href
      }),
  )
  const [url] = used
  if (url === undefined || used.size > 1)
    throw new Error(`the clients would publish to ${[...used].join(' and to ') || 'no registry'}`)
  return url
}
