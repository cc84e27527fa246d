// What a release is refused for, from facts that were gathered before.

/**
 * @typedef {object} ReleaseFacts
 * @property {readonly string[]} changedFiles What `git status` lists.
 * @property {readonly string[]} pendingChangesets Files whose versions were not taken yet.
 * @property {readonly { name: string, version: string, missing: readonly string[] }[]} packages `missing`: files below
 *   `dist` that an entry names and nobody built.
 * @property {readonly string[]} links What changelogs link to.
 */

const SHOWN = 5

/**
 * @param {ReleaseFacts} facts
 * @returns {string[]} One line for each reason; none where the release may go on.
 */
export function refusals({ changedFiles, pendingChangesets, packages, links }) {
  const reasons = []
  if (changedFiles.length > 0) reasons.push(`the work tree is dirty: ${shortList(changedFiles)}`)
  if (pendingChangesets.length > 0)
    reasons.push(`changesets wait for \`pnpm version-packages\`: ${shortList(pendingChangesets)}`)
  for (const { name, version, missing } of packages) {
    if (version === '0.0.0') reasons.push(`${name} has no version yet: it needs a changeset`)
    if (missing.length > 0) reasons.push(`${name} is not built: ${shortList(missing)}`)
  }
  if (links.length > 0) reasons.push(`changelogs link to places: ${shortList(links)}`)
  return reasons
}

/** @param {readonly string[]} items */
function shortList(items) {
  const more = items.length > SHOWN ? ` and ${items.length - SHOWN} more` : ''
  return items.slice(0, SHOWN).join(', ') + more
}

/**
 * @param {string} changelog
 * @returns {string[]} A changelog says what changed, and sends nobody to a place that only its authors can see.
 */
export function linksIn(changelog) {
  return [...changelog.matchAll(/\bhttps?:\/\/[^\s)>]+|\[[^\]]*\]\([^)]*\)/g)].map(([link]) => link)
}

/**
 * Provenance is a statement that a CI signs: of a build anywhere else nothing can be said.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {'true' | 'false'} What `NPM_CONFIG_PROVENANCE` has to be.
 */
export function provenance(env) {
  const canSign = env['ACTIONS_ID_TOKEN_REQUEST_URL'] !== undefined || env['SIGSTORE_ID_TOKEN'] !== undefined
  return env['CI'] !== undefined && canSign ? 'true' : 'false'
}
