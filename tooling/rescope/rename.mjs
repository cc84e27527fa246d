// The scope of all names, replaced in text. It is the same few characters everywhere: in manifests, imports, export
// conditions, brands of errors, prose, the lock file, patterns and file lists.

/**
 * @param {string} text
 * @param {string} from `@x`
 * @param {string} to `@acme`
 * @returns {string} Every `from` that begins a name or stands as a scope in a client's settings (`@x:registry`).
 */
export function renameScope(text, from, to) {
  const scope = from.replaceAll(/[.\\]/g, String.raw`\$&`)
  // Not within an address (`user@host/…`), and not where a longer scope begins the same way.
  return text.replaceAll(new RegExp(String.raw`(?<![\w.:%@-])${scope}(?=[/:])`, 'g'), () => to)
}

/**
 * @param {string | undefined} scope
 * @param {string} current
 * @returns {string} The scope.
 * @throws {RangeError} It is none that a registry takes, or the one that is already there.
 */
export function requireScope(scope, current) {
  if (scope === undefined || !/^@[a-z0-9][a-z0-9._-]{0,99}$/.test(scope))
    throw new RangeError(
      `"${scope ?? ''}" is no scope: it begins with @ and goes on in lower case, such as @acme`,
    )
  if (scope === current) throw new RangeError(`the packages are under ${current} already`)
  return scope
}
