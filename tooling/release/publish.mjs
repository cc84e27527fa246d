// Publishes every package whose version the registry does not have, and tags it. A release and a rehearsal end here, so that what
// was rehearsed is what runs.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../run.mjs'
import { scope } from '../workspace.mjs'
import { agreedRegistry, askRegistries, registriesIn } from './environment.mjs'

/**
 * @param {object} order
 * @param {string} order.dir The root of the workspace.
 * @param {readonly import('../workspace.mjs').WorkspacePackage[]} order.packages Those of the workspace.
 * @param {NodeJS.ProcessEnv} order.env Without what npm injects; its path has pnpm.
 * @param {(url: string) => void} order.approve Is told the registry before anything is sent to it, and throws to stop.
 * @returns {Promise<string>} What was printed.
 * @throws {Error} The clients do not agree on a registry, it was not approved, or publishing failed.
 */
export async function publish({ dir, packages, env, approve }) {
  const folders = packages.map(({ folder }) => join(dir, folder))
  const named = folders.flatMap((folder) =>
    registriesIn(folder, JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))),
  )
  const url = agreedRegistry([...(await askRegistries({ dirs: [dir, ...folders], scope, env })), ...named])
  approve(url)
  for (const folder of folders)
    if (!existsSync(join(folder, 'dist'))) throw new Error(`${folder} is not built`)
  // changesets knows of no file: without these it would ask its own default which versions are there.
  const sent = { ...env, npm_config_registry: url, [`npm_config_${scope}:registry`]: url }
  const script = join(dir, 'node_modules/@changesets/cli/bin.js')
  const { code, output } = await run([process.execPath, script, 'publish'], { cwd: dir, env: sent })
  if (code !== 0) throw new Error(`changeset publish ended with exit code ${code}\n${output.trimEnd()}`)
  return output.trimEnd()
}
