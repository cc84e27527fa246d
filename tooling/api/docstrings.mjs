// What has to be said of a public name: that it is, and what it throws, in names that exist.

/** @typedef {import('./surface.mjs').Surface} Surface */

/**
 * @param {readonly Pick<Surface, 'names'>[]} surfaces
 * @returns {Set<string>} Every exported name.
 */
export function namesOf(surfaces) {
  return new Set(surfaces.flatMap(({ names }) => names.map(({ name }) => name)))
}

/**
 * @param {readonly Pick<Surface, 'names'>[]} surfaces
 * @param {ReadonlySet<string>} known The names that any package exports.
 * @returns {string[]} One line each; a name that two entries export is looked at once.
 */
export function docstringProblems(surfaces, known) {
  const problems = surfaces
    .flatMap(({ names }) => names)
    .flatMap(({ name, place, documented, thrown }) => [
      ...(documented ? [] : [`${place}: ${name} is exported and has no docstring`]),
      ...thrown
        .filter((error) => !known.has(error) && !(error in globalThis))
        .map((error) => `${place}: ${name} throws ${error}, which no package exports`),
    ])
  return [...new Set(problems)]
}
