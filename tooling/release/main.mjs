// `npm run release`: publishes the packages whose version is new, after everything that speaks against it was looked at.
//
//   node tooling/release/main.mjs             refuses, or checks, publishes and tags
//   node tooling/release/main.mjs --dry-run   the same up to where it would publish
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { entriesOf, packages, root } from '../workspace.mjs'
import { withPinnedPnpm, withoutClientSettings } from './environment.mjs'
import { publish } from './publish.mjs'
import { linksIn, provenance, refusals } from './refusals.mjs'

/** Everything was ready, and nothing is to happen. */
class DryRun extends Error {}

const isDryRun = process.argv.includes('--dry-run')
try {
  await release()
} catch (error) {
  if (error instanceof DryRun) {
    console.log(error.message)
  } else {
    console.error(`not released: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  }
}

async function release() {
  // What can be seen at once, before minutes of checks; what is missing of a build, the check makes.
  refuseFor({ ...factsNow(), packages: factsNow().packages.map((pkg) => ({ ...pkg, missing: [] })) })
  const { pass } = await check()
  if (!pass) throw new Error('the check fails')
  refuseFor(factsNow())
  const env = await withPinnedPnpm(withoutClientSettings(process.env, 'injected'))
  const printed = await publish({
    dir: root,
    packages,
    env: { ...env, NPM_CONFIG_PROVENANCE: provenance(process.env) },
    approve(url) {
      console.log(`registry ${url}, provenance ${provenance(process.env)}`)
      for (const { name, manifest } of packages) console.log(`  ${name}@${manifest['version']}`)
      if (isDryRun) throw new DryRun('a dry run: this would be published now')
    },
  })
  console.log(printed)
  console.log('the tags are in this clone: `git push --follow-tags` takes them further')
}

/** @param {import('./refusals.mjs').ReleaseFacts} facts */
function refuseFor(facts) {
  const reasons = refusals(facts)
  if (reasons.length > 0) throw new Error(reasons.join('\n              '))
}

/** @returns {import('./refusals.mjs').ReleaseFacts} */
function factsNow() {
  const { status, stdout, stderr } = spawnSync('git', ['status', '--porcelain'], {
    cwd: root,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`git status: ${stderr.trim()}`)
  const changesets = readdirSync(join(root, '.changeset'))
  const changelogs = packages.map(({ dir }) => join(dir, 'CHANGELOG.md')).filter((file) => existsSync(file))
  return {
    changedFiles: stdout.split('\n').filter((line) => line !== ''),
    pendingChangesets: changesets.filter((name) => name.endsWith('.md') && name !== 'README.md'),
    packages: packages.map((pkg) => ({
      name: pkg.name,
      version: pkg.manifest['version'],
      missing: missingBuild(pkg),
    })),
    links: changelogs.flatMap((file) => linksIn(readFileSync(file, 'utf8'))),
  }
}

/**
 * @param {import('../workspace.mjs').WorkspacePackage} pkg
 * @returns {string[]}
 */
function missingBuild(pkg) {
  return entriesOf(pkg)
    .flatMap(({ name }) => ['js', 'cjs', 'd.ts', 'd.cts'].map((extension) => `dist/${name}.${extension}`))
    .filter((file) => !existsSync(join(pkg.dir, file)))
}

/** @returns {Promise<{ pass: boolean }>} */
function check() {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'tooling/check.mjs')], { cwd: root, stdio: 'inherit' })
    child.on('error', reject)
    child.on('close', (code) => resolve({ pass: code === 0 }))
  })
}
