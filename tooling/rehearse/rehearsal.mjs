// The rehearsal itself, in the folder that it is given.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withoutClientSettings } from '../release/environment.mjs'
import { publish } from '../release/publish.mjs'
import { entriesOf, packages } from '../workspace.mjs'
import { bringPeers, install, load, use } from './consumer.mjs'
import { bumpProblems, closureOf } from './dependents.mjs'
import { noWayOut, requireLoopback } from './loopback.mjs'
import { startRegistry } from './registry.mjs'
import {
  GIT_OF_NOBODY,
  makeCopy,
  pointAt,
  requireTags,
  takeVersions,
  writeChangeset,
} from './workspace-copy.mjs'

/** A package with dependents and with packages that have nothing to do with it. */
const BUMPED = '@x/transport'

/** @type {{ packages: string[], program: string, prints: string }[]} */
const USES = [
  { packages: ['@x/stream-reader'], program: 'reader', prints: 'a line framed 0 of a blob\n' },
  {
    packages: ['@x/stream-reader', '@x/stream-writer', '@x/transport'],
    program: 'protocol',
    prints: 'HELLO\n',
  },
  { packages: ['@x/http-session'], program: 'session', prints: '200 {"hello":"world"} {"a":1}\ntrue\n' },
]

const startedAt = performance.now()
const work = String(process.argv[2])
try {
  await rehearse()
  say('rehearsed')
} catch (error) {
  console.error(`rehearsal failed: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}

async function rehearse() {
  const copy = join(work, 'copy')
  const own = await makeCopy(copy)
  say('copied, installed and built')
  const here = await startRegistry(join(work, 'registry'))
  say(`registry on ${here.url}, without an uplink`)
  const env = environmentFor(own, here)
  pointAt(copy, here)

  const first = await takeVersions(copy)
  await publishCopy(copy, env, here)
  await requirePublished(here, first)
  await requireTags(copy, first)
  requireNoLinks(copy)
  say(
    `published ${Object.entries(first)
      .map(([name, version]) => `${name}@${version}`)
      .join(' ')}`,
  )

  for (const pkg of packages) await installAlone(pkg, env)
  for (const { program, prints, ...wanted } of USES) {
    const consumer = { dir: join(work, `use-${program}`), env }
    await requireInstalled(consumer, wanted.packages)
    await use(consumer, program, prints)
    say(`${wanted.packages.join(' + ')}: programs/${program}.ts as ESM, as CommonJS and type-checked`)
  }

  await writeChangeset(copy, BUMPED)
  const second = await takeVersions(copy)
  const problems = bumpProblems(packages, BUMPED, first, second)
  if (problems.length > 0) throw new Error(problems.join('\n'))
  await publishCopy(copy, env, here)
  await requirePublished(here, second)
  await requireTags(copy, second)
  for (const { name } of packages) {
    const change = first[name] === second[name] ? 'as before' : `-> ${second[name]}`
    console.log(`        ${name.padEnd(24)}${first[name]} ${change}`)
  }
  here.stop()
  say(`a minor change of ${BUMPED}: new versions for it and its dependents only`)
}

/**
 * @param {NodeJS.ProcessEnv} own
 * @param {import('./registry.mjs').Registry} here
 * @returns {NodeJS.ProcessEnv} In which clients know this registry and no other.
 */
function environmentFor(own, here) {
  const userConfig = join(work, 'npmrc')
  writeFileSync(userConfig, here.npmrc)
  writeFileSync(join(work, 'no-npmrc'), '')
  return {
    ...withoutClientSettings(own, 'all'),
    ...noWayOut(),
    NPM_CONFIG_USERCONFIG: userConfig,
    NPM_CONFIG_GLOBALCONFIG: join(work, 'no-npmrc'),
    NPM_CONFIG_CACHE: join(work, 'npm-cache'),
    NPM_CONFIG_PROVENANCE: 'false',
    ...GIT_OF_NOBODY,
    CI: 'true',
  }
}

/**
 * @param {string} copy
 * @param {NodeJS.ProcessEnv} env
 * @param {import('./registry.mjs').Registry} here
 */
async function publishCopy(copy, env, here) {
  const approve = (/** @type {string} */ url) => {
    requireLoopback(url, here.url)
    say(`npm and pnpm would publish to ${url} from every folder`)
  }
  await publish({ dir: copy, packages, env, approve })
}

/**
 * @param {import('./registry.mjs').Registry} here
 * @param {Record<string, string>} versions
 */
async function requirePublished(here, versions) {
  for (const { name, needs } of packages) {
    const document = await here.packageDocument(name)
    const latest = String(document['dist-tags']['latest'])
    if (latest !== versions[name])
      throw new Error(`${name}: the registry has ${latest}, not ${versions[name]}`)
    const { dependencies = {}, dist } = document.versions[latest] ?? {}
    for (const need of needs) {
      const { versions: published } = await here.packageDocument(need)
      const range = String(dependencies[need])
      // `workspace:^` has become a caret and a version that is there.
      if (range[0] !== '^' || published[range.slice(1)] === undefined)
        throw new Error(`${name}@${latest} asks for ${need}@${range}`)
    }
    requireLoopback(new URL('/', dist?.tarball).href, here.url)
  }
}

/** @param {string} copy A changelog says what changed, and sends nobody to a place that only we can see. */
function requireNoLinks(copy) {
  for (const { folder } of packages) {
    const links = /\bhttps?:\/\/\S+|\]\(/.exec(readFileSync(join(copy, folder, 'CHANGELOG.md'), 'utf8'))
    if (links !== null) throw new Error(`${folder}/CHANGELOG.md links to ${links[0]}`)
  }
}

/**
 * @param {import('../workspace.mjs').WorkspacePackage} pkg
 * @param {NodeJS.ProcessEnv} env
 */
async function installAlone(pkg, env) {
  const consumer = { dir: join(work, `alone-${pkg.name.replace('/', '-')}`), env }
  const installed = await requireInstalled(consumer, [pkg.name])
  bringPeers(consumer, pkg, join(work, 'copy', pkg.folder))
  const entries = entriesOf(pkg).map(({ subpath }) => pkg.name + subpath.slice(1))
  await load(consumer, entries)
  const count = installed.length === 1 ? 'exactly 1 package' : `${installed.length} packages`
  say(`install ${pkg.name}: ${count} in node_modules; ${entries.length} entries as ESM, CommonJS and types`)
}

/**
 * @param {import('./consumer.mjs').Consumer} consumer
 * @param {readonly string[]} names
 */
async function requireInstalled(consumer, names) {
  const installed = await install(consumer, names)
  const wanted = [...new Set(names.flatMap((name) => [...closureOf(packages, name)]))].toSorted()
  if (installed.join() !== wanted.join())
    throw new Error(`npm install ${names.join(' ')} brings ${installed.join(', ')}, not ${wanted.join(', ')}`)
  return installed
}

/** @param {string} text */
function say(text) {
  console.log(`${`${((performance.now() - startedAt) / 1000).toFixed(1)} s`.padStart(7)} ${text}`)
}
