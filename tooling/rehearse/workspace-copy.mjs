// The work tree as it would be released, copied: what the rehearsal changes, versions and publishes is this.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { devNull } from 'node:os'
import { join } from 'node:path'
import { withPinnedPnpm } from '../release/environment.mjs'
import { pnpm } from '../pnpm.mjs'
import { run } from '../run.mjs'
import { copyTree } from '../tree-copy.mjs'
import { packages } from '../workspace.mjs'

/** Somebody has to have committed it; nobody's settings are asked. */
export const GIT_OF_NOBODY = {
  GIT_CONFIG_GLOBAL: devNull,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'rehearsal',
  GIT_AUTHOR_EMAIL: 'rehearsal@localhost',
  GIT_COMMITTER_NAME: 'rehearsal',
  GIT_COMMITTER_EMAIL: 'rehearsal@localhost',
}

/**
 * Copies, installs and builds, with a git history of its own.
 *
 * @param {string} dir
 * @returns {Promise<NodeJS.ProcessEnv>} The environment of this process with the pinned pnpm on its path.
 */
export async function makeCopy(dir) {
  mkdirSync(dir, { recursive: true })
  copyTree(dir)
  const install = pnpm(['install', '--prefer-offline', '--frozen-lockfile', '--reporter=append-only'])
  await must(dir, install.command, { ...process.env, CI: 'true' })
  await must(dir, [process.execPath, 'tooling/build.mjs'])
  await must(dir, ['git', 'init', '--quiet', '--initial-branch=main'])
  await commit(dir, 'copy')
  return withPinnedPnpm(process.env)
}

/**
 * From here on everything in the copy publishes to `url` alone: its settings and every manifest say so.
 *
 * @param {string} dir
 * @param {{ url: string, npmrc: string }} registry
 */
export function pointAt(dir, { url, npmrc }) {
  writeFileSync(join(dir, '.npmrc'), npmrc)
  for (const { folder } of packages) {
    writeFileSync(join(dir, folder, '.npmrc'), npmrc)
    const file = join(dir, folder, 'package.json')
    const manifest = JSON.parse(readFileSync(file, 'utf8'))
    const { access } = manifest.publishConfig ?? {}
    const publishConfig = { access, registry: url }
    writeFileSync(file, `${JSON.stringify({ ...manifest, publishConfig }, undefined, 2)}\n`)
  }
}

/**
 * Takes the versions from the changesets that lie in the copy.
 *
 * @param {string} dir
 * @returns {Promise<Record<string, string>>} Version by package.
 */
export async function takeVersions(dir) {
  await must(dir, [process.execPath, 'node_modules/@changesets/cli/bin.js', 'version'])
  await commit(dir, 'versions')
  return versionsIn(dir)
}

/**
 * @param {string} dir
 * @param {string} name The package that changes.
 */
export async function writeChangeset(dir, name) {
  const folder = join(dir, '.changeset')
  for (const file of readdirSync(folder))
    if (file.endsWith('.md') && file !== 'README.md') rmSync(join(folder, file))
  writeFileSync(join(folder, 'rehearsal.md'), `---\n'${name}': minor\n---\n\nA change that was rehearsed.\n`)
  await commit(dir, 'changeset')
}

/**
 * @param {string} dir
 * @returns {Record<string, string>}
 */
function versionsIn(dir) {
  return Object.fromEntries(
    packages.map(({ name, folder }) => [
      name,
      JSON.parse(readFileSync(join(dir, folder, 'package.json'), 'utf8')).version,
    ]),
  )
}

/**
 * @param {string} dir
 * @param {Record<string, string>} versions
 * @throws {Error} A version has no tag.
 */
export async function requireTags(dir, versions) {
  const tags = (await must(dir, ['git', 'tag', '--list'])).split('\n')
  const missing = Object.entries(versions)
    .map(([name, version]) => `${name}@${version}`)
    .filter((tag) => !tags.includes(tag))
  if (missing.length > 0) throw new Error(`git has no tag ${missing.join(', ')}`)
}

/**
 * @param {string} dir
 * @param {string} message
 */
async function commit(dir, message) {
  await must(dir, ['git', 'add', '--all'])
  await must(dir, ['git', 'commit', '--quiet', '--allow-empty', '--message', message])
}

/**
 * @param {string} dir
 * @param {string[]} command
 * @param {NodeJS.ProcessEnv} [env]
 */
async function must(dir, command, env = process.env) {
  const { code, output, stdout } = await run(command, { cwd: dir, env: { ...env, ...GIT_OF_NOBODY } })
  if (code !== 0)
    throw new Error(`${command.join(' ')} in ${dir} ends with exit code ${code}\n${output.trimEnd()}`)
  return stdout
}
