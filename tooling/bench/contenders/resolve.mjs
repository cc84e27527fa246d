// Imports from this folder's own node_modules.

/**
 * @param {string} name
 * @returns {string} What `import()` takes, for a process that is somewhere else.
 */
export function urlOf(name) {
  return import.meta.resolve(name)
}

/**
 * @param {string} name
 * @returns {Promise<any>} Its exports. Not typed: the checks run where it is not installed.
 */
export function load(name) {
  return import(name)
}
