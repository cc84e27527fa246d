// The last section of a package's README: every name that its entries export. It is written, not kept by hand.

const BEGIN = '<!-- exports: written by `npm run api` -->'
const END = '<!-- /exports -->'

/**
 * @param {string} readme
 * @param {readonly Pick<import('./surface.mjs').Surface, 'specifier' | 'names'>[]} surfaces Those of the package.
 * @returns {string} The README with the section renewed, or behind everything else where there was none.
 */
export function withListing(readme, surfaces) {
  const section = `${BEGIN}\n\n${surfaces.map(listingOf).join('\n')}\n\n${END}`
  const [from, to] = [readme.indexOf(BEGIN), readme.indexOf(END)]
  if (from === -1 && to === -1) return `${readme.trimEnd()}\n\n## Every export\n\n${section}\n`
  if (from === -1 || to < from) throw new Error(`the README has to hold ${BEGIN} and then ${END}, or neither`)
  return readme.slice(0, from) + section + readme.slice(to + END.length)
}

/** @param {Pick<import('./surface.mjs').Surface, 'specifier' | 'names'>} surface */
function listingOf({ specifier, names }) {
  const listed = (/** @type {'value' | 'type'} */ kind) =>
    names.flatMap((name) => (name.kind === kind ? [`\`${name.name}\``] : [])).join(', ')
  const [values, types] = [listed('value'), listed('type')]
  const parts = [values, types === '' ? '' : `types ${types}`].filter((part) => part !== '')
  return `- **\`${specifier}\`**: ${parts.join('; ')}`
}

/**
 * Names of error classes in code spans and tables that nobody exports: renamed or removed, and still promised.
 *
 * @param {string} readme
 * @param {ReadonlySet<string>} known
 * @returns {string[]}
 */
export function unknownErrors(readme, known) {
  const named = [...readme.matchAll(/`([A-Z]\w*Error)`/g)].map(([, name]) => String(name))
  return [...new Set(named)].filter((name) => !known.has(name) && !(name in globalThis))
}
