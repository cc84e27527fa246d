// A part of a document that a program writes, between two marks.

/**
 * @param {string} document
 * @param {string} name Of the marks.
 * @param {string} text
 * @returns {string | null} The document with the text between `<!-- name -->` and `<!-- /name -->`; `null` where it has not both, in this order.
 */
export function withSection(document, name, text) {
  const begin = `<!-- ${name} -->`
  const from = document.indexOf(begin)
  const to = document.indexOf(`<!-- /${name} -->`, from)
  if (from === -1 || to === -1) return null
  return `${document.slice(0, from + begin.length)}\n\n${text}\n\n${document.slice(to)}`
}
