// Who has to get a new version when one package does, and who must not.

/** @typedef {{ name: string, needs: readonly string[] }} Node */

/**
 * @param {readonly Node[]} all
 * @param {string} name
 * @returns {Set<string>} What an install of `name` brings: itself and everything below it.
 */
export function closureOf(all, name) {
  const found = new Set([name])
  for (const one of found)
    for (const need of all.find((pkg) => pkg.name === one)?.needs ?? []) found.add(need)
  return found
}

/**
 * @param {readonly Node[]} all
 * @param {string} bumped The package with a changeset, whose new version is outside of the range that others ask for.
 * @param {Record<string, string>} before Version by package.
 * @param {Record<string, string>} after
 * @returns {string[]} What is wrong, one line each.
 */
export function bumpProblems(all, bumped, before, after) {
  return all.flatMap(({ name, needs }) => {
    const isNew = before[name] !== after[name]
    const change = `${before[name]} -> ${after[name]}`
    if (name === bumped) return isNew ? [] : [`${name} has a changeset and no new version: ${change}`]
    if (needs.includes(bumped) && !isNew)
      return [`${name} depends on ${bumped} and has no new version: ${change}`]
    if (isNew && !closureOf(all, name).has(bumped))
      return [`${name} has nothing to do with ${bumped}: ${change}`]
    return []
  })
}
