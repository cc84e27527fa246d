// What a source file imports and declares, read from its syntax tree: every way to name another module counts.
import ts from 'typescript'

/**
 * @typedef {object} SourceFacts
 * @property {{ line: number, from: string | undefined }[]} imports Static, dynamic, `import type`, `import('x').T`,
 *   re-exports, require. `from` is undefined where it is computed.
 * @property {{ line: number }[]} starExports `export * from`.
 * @property {{ line: number }[]} otherStatements Top-level statements that are not `export { … } from`.
 * @property {{ line: number, name: string, privateFields: number }[]} classes
 */

/**
 * @param {string} path
 * @param {string} text
 * @returns {SourceFacts}
 */
export function readSource(path, text) {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const lineOf = (/** @type {ts.Node} */ node) => file.getLineAndCharacterOfPosition(node.getStart()).line + 1
  /** @type {SourceFacts} */
  const facts = { imports: [], starExports: [], otherStatements: [], classes: [] }

  for (const statement of file.statements) {
    const isStar = ts.isExportDeclaration(statement) && !hasNames(statement)
    if (isStar) facts.starExports.push({ line: lineOf(statement) })
    else if (!isReExport(statement)) facts.otherStatements.push({ line: lineOf(statement) })
  }
  visit(file)
  return facts

  /** @param {ts.Node} node */
  function visit(node) {
    const specifier = specifierOf(node)
    if (specifier !== undefined) {
      const from = ts.isStringLiteralLike(specifier) ? specifier.text : undefined
      facts.imports.push({ line: lineOf(node), from })
    }
    if (ts.isClassLike(node)) {
      const privateFields = node.members.filter(
        (member) => ts.isPropertyDeclaration(member) && ts.isPrivateIdentifier(member.name),
      ).length
      facts.classes.push({ line: lineOf(node), name: node.name?.text ?? 'class', privateFields })
    }
    ts.forEachChild(node, visit)
  }
}

/** @param {ts.Statement} statement */
function isReExport(statement) {
  return ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined
}

/** @param {ts.ExportDeclaration} statement */
function hasNames(statement) {
  return statement.exportClause !== undefined && ts.isNamedExports(statement.exportClause)
}

/**
 * @param {ts.Node} node
 * @returns {ts.Node | undefined} The node that names the other module, where this one names one.
 */
function specifierOf(node) {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier
  if (ts.isImportTypeNode(node))
    return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : node.argument
  if (ts.isExternalModuleReference(node)) return node.expression
  if (!ts.isCallExpression(node)) return undefined
  const isImport = node.expression.kind === ts.SyntaxKind.ImportKeyword
  const isRequire = ts.isIdentifier(node.expression) && node.expression.text === 'require'
  return isImport || isRequire ? node.arguments[0] : undefined
}
