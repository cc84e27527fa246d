// The declarations of one entry as text: what its exports are to an importer, without comments and private members,
// in an order of their own, so that a change of the surface is a change of the report and nothing else is.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'

/** @typedef {import('./surface.mjs').Surface} Surface */

/**
 * @typedef {object} Name
 * @property {string} file Absolute path of the source that declares it.
 * @property {string} localName
 */

/**
 * @typedef {object} Imported
 * @property {string} from Module specifier.
 * @property {string} name `*` for all of a module.
 */

/**
 * What a file's declarations say, read once.
 *
 * @typedef {object} Declared
 * @property {Map<string, ts.Statement[]>} statements By the name that they declare.
 * @property {Map<string, Imported>} imports By the name they have in this file.
 */

/** @type {Map<string, Declared>} */
const declaredIn = new Map()
const printer = ts.createPrinter({ removeComments: true })

/**
 * @param {Surface} surface
 * @param {readonly Surface[]} siblings The entries of the same package: what another one exports is named, not repeated.
 * @returns {string}
 */
export function reportOf(surface, siblings) {
  const reached = reach(surface, siblings)
  const textOf = (/** @type {Name} */ name) => reached.printed.get(keyOf(name)) ?? ''
  const exports = surface.names.map((name) => asExport(textOf(name), name))
  const inner = reached.inner.toSorted((a, b) => (a.localName < b.localName ? -1 : 1)).map(textOf)
  const paragraphs = [
    `// What ${surface.specifier} exports. Written by \`npm run api\`, held by the check.`,
    [...reached.imports].toSorted().join('\n'),
    ...exports,
    ...(inner.length === 0 ? [] : ['// Named above, and not exported.', ...inner.map(asInner)]),
  ]
  return `${paragraphs.filter((text) => text !== '').join('\n\n')}\n`
}

/**
 * Follows the exports to everything that they name, without leaving the package.
 *
 * @param {Surface} surface
 * @param {readonly Surface[]} siblings
 * @returns {{ printed: Map<string, string>, inner: Name[], imports: Set<string> }} `printed` by `keyOf`; `inner` are
 *   the names that are not exported, `imports` the import lines.
 */
function reach(surface, siblings) {
  const exported = new Set(surface.names.map(keyOf))
  const elsewhere = exportedBy(siblings.filter(({ specifier }) => specifier !== surface.specifier))
  /** @type {Map<string, string>} */
  const printed = new Map()
  /** @type {Set<string>} */
  const imports = new Set()
  /** @type {Name[]} */
  const waiting = [...surface.names]
  const seen = new Set(exported)
  for (const name of waiting) {
    const statements = declarationsOf(name.file).statements.get(name.localName)
    if (statements === undefined) throw new Error(`${name.file} declares no ${name.localName}`)
    printed.set(keyOf(name), statements.map(print).join('\n'))
    for (const used of statements.flatMap((statement) => namesIn(statement, name.file))) {
      const imported =
        'from' in used ? used : exported.has(keyOf(used)) ? undefined : elsewhere.get(keyOf(used))
      if (imported !== undefined) imports.add(importLine(imported))
      if (imported !== undefined || 'from' in used || seen.has(keyOf(used))) continue
      seen.add(keyOf(used))
      waiting.push(used)
    }
  }
  return { printed, inner: waiting.filter((name) => !exported.has(keyOf(name))), imports }
}

/**
 * @param {readonly Surface[]} surfaces
 * @returns {Map<string, Imported>} By `keyOf`.
 */
function exportedBy(surfaces) {
  return new Map(
    surfaces.flatMap(({ specifier, names }) =>
      names.map((name) => [keyOf(name), { from: specifier, name: name.name }]),
    ),
  )
}

/** @param {Name} name */
function keyOf({ file, localName }) {
  return `${file} ${localName}`
}

/** @param {Imported} used */
function importLine({ from, name }) {
  return name === '*' ? `import type '${from}'` : `import type { ${name} } from '${from}'`
}

/**
 * @param {string} text
 * @param {{ name: string, localName: string }} name
 */
function asExport(text, { name, localName }) {
  const plain = text.replaceAll(/^(export )?(declare )?(?=\w)/gm, 'export $2')
  return name === localName ? plain : `${plain}\nexport { ${localName} as ${name} }`
}

/** @param {string} text */
function asInner(text) {
  return text.replaceAll(/^export /gm, '')
}

/**
 * @param {ts.Statement} statement
 * @returns {string}
 */
function print(statement) {
  const shown = ts.isClassDeclaration(statement) ? withoutPrivate(statement) : statement
  const text = printer.printNode(ts.EmitHint.Unspecified, shown, statement.getSourceFile())
  return text.replaceAll(/^( +)/gm, (spaces) => ' '.repeat(spaces.length / 2)).replaceAll(/;$/gm, '')
}

/** @param {ts.ClassDeclaration} node */
function withoutPrivate(node) {
  const methods = new Set(node.members.filter(ts.isMethodDeclaration).map(({ name }) => name.getText()))
  const members = node.members.filter((member) => {
    // Without the libraries TypeScript declares a method named by a symbol a second time, as a property.
    if (ts.isPropertyDeclaration(member) && methods.has(member.name.getText())) return false
    return isPublic(member)
  })
  const { modifiers, name, typeParameters, heritageClauses } = node
  return ts.factory.updateClassDeclaration(node, modifiers, name, typeParameters, heritageClauses, members)
}

/** @param {ts.ClassElement} member */
function isPublic(member) {
  if (member.name !== undefined && ts.isPrivateIdentifier(member.name)) return false
  // A constructor, for instance, that only the package itself may call.
  if (ts.getJSDocTags(member).some(({ tagName }) => tagName.text === 'internal')) return false
  const modifiers = ts.canHaveModifiers(member) ? (ts.getModifiers(member) ?? []) : []
  return !modifiers.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword)
}

/**
 * @param {ts.Statement} statement
 * @param {string} file
 * @returns {(Name | Imported)[]} What it names of other statements,
 *   in this file or through its imports.
 */
function namesIn(statement, file) {
  const { statements, imports } = declarationsOf(file)
  /** @type {(Name | Imported)[]} */
  const found = []
  const own = ts.isClassDeclaration(statement) ? withoutPrivate(statement) : statement
  visit(own)
  return found

  /** @param {ts.Node} node */
  function visit(node) {
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      found.push({ from: node.argument.literal.getText().slice(1, -1), name: '*' })
    if (ts.isIdentifier(node)) {
      const imported = imports.get(node.text)
      if (statements.has(node.text)) found.push({ file, localName: node.text })
      else if (imported?.from.startsWith('.')) found.push(declaredBy(imported, file))
      else if (imported !== undefined) found.push(imported)
    }
    ts.forEachChild(node, visit)
  }
}

/**
 * @param {Imported} imported
 * @param {string} file
 * @returns {Name}
 */
function declaredBy({ from, name }, file) {
  return { file: join(dirname(file), from), localName: name }
}

/**
 * @param {string} file
 * @returns {Declared}
 */
function declarationsOf(file) {
  const known = declaredIn.get(file)
  if (known !== undefined) return known
  // The sources keep to isolatedDeclarations: their declarations follow from the text of the file alone.
  const { outputText } = ts.transpileDeclaration(readFileSync(file, 'utf8'), {
    fileName: file,
    compilerOptions: { target: ts.ScriptTarget.ES2022, isolatedDeclarations: true, declaration: true },
  })
  const parsed = ts.createSourceFile(file.replace(/\.ts$/, '.d.ts'), outputText, ts.ScriptTarget.Latest, true)
  /** @type {Declared} */
  const declared = { statements: new Map(), imports: new Map() }
  for (const statement of parsed.statements) {
    for (const name of declaredNames(statement)) {
      declared.statements.set(name, [...(declared.statements.get(name) ?? []), statement])
    }
    if (ts.isImportDeclaration(statement)) readImport(statement, declared.imports)
  }
  declaredIn.set(file, declared)
  return declared
}

/**
 * @param {ts.Statement} statement
 * @returns {string[]}
 */
function declaredNames(statement) {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map(({ name }) => name.getText())
  const isNamed =
    ts.isClassDeclaration(statement) ||
    ts.isFunctionDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement)
  return isNamed && statement.name !== undefined ? [statement.name.text] : []
}

/**
 * @param {ts.ImportDeclaration} statement
 * @param {Declared['imports']} imports
 */
function readImport({ importClause, moduleSpecifier }, imports) {
  const from = moduleSpecifier.getText().slice(1, -1)
  if (importClause?.name !== undefined) imports.set(importClause.name.text, { from, name: 'default' })
  const bindings = importClause?.namedBindings
  if (bindings === undefined) return
  if (ts.isNamespaceImport(bindings)) imports.set(bindings.name.text, { from, name: '*' })
  else
    for (const { name, propertyName } of bindings.elements)
      imports.set(name.text, { from, name: (propertyName ?? name).text })
}
