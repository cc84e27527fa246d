// The public names of every entry, read from the sources: which they are, what documents them, and where they stand.
import { join, relative, sep } from 'node:path'
import ts from 'typescript'
import { entriesOf, packages, root } from '../workspace.mjs'

/**
 * @typedef {object} PublicName
 * @property {string} name As importers write it.
 * @property {string} localName As its file declares it.
 * @property {string} file Absolute path of the source that declares it.
 * @property {string} place `packages/streams/src/memory.ts:7`
 * @property {'value' | 'type'} kind A class is a value.
 * @property {boolean} documented Whether a docstring stands before one of its declarations.
 * @property {string[]} thrown The names that its docstrings, those of its members too, put behind `@throws`.
 */

/**
 * @typedef {object} Surface
 * @property {string} specifier What is imported, `@x/streams/memory`.
 * @property {string} entry `memory`; that of the package itself is `index`.
 * @property {import('../workspace.mjs').WorkspacePackage} pkg
 * @property {PublicName[]} names Sorted.
 * @property {string[]} problems Why it cannot be read wholly, one line each.
 */

/**
 * @param {readonly import('../workspace.mjs').WorkspacePackage[]} [of] Default: every published package.
 * @returns {Surface[]}
 */
export function readSurfaces(of = packages) {
  const entries = of.flatMap((pkg) =>
    entriesOf(pkg).map(({ name, subpath, source }) => ({
      pkg,
      entry: name,
      specifier: pkg.name + subpath.slice(1),
      file: join(pkg.dir, source),
    })),
  )
  const program = ts.createProgram(
    entries.map(({ file }) => file),
    {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      allowImportingTsExtensions: true,
      noEmit: true,
      // Names and docstrings are read, no type is looked into: the libraries would only cost time.
      noLib: true,
      types: [],
    },
  )
  const checker = program.getTypeChecker()
  return entries.map(({ file, ...entry }) => {
    const source = program.getSourceFile(file)
    const module = source && checker.getSymbolAtLocation(source)
    const { specifier } = entry
    /** @type {PublicName[]} */
    const names = []
    /** @type {string[]} */
    const problems = []
    for (const symbol of module === undefined ? [] : checker.getExportsOfModule(module)) {
      const name = publicName(symbol, checker)
      if (name === undefined) problems.push(`${specifier} exports ${symbol.name}, which is declared nowhere`)
      else names.push(name)
    }
    if (names.length === 0)
      problems.push(`${specifier}: ${relative(root, file)} is missing or exports nothing`)
    return { ...entry, names: names.toSorted((a, b) => (a.name < b.name ? -1 : 1)), problems }
  })
}

/**
 * @param {ts.Symbol} symbol
 * @param {ts.TypeChecker} checker
 * @returns {PublicName | undefined}
 */
function publicName(symbol, checker) {
  const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0
  const target = isAlias ? checker.getAliasedSymbol(symbol) : symbol
  const declarations = target.declarations ?? []
  const [first] = declarations
  if (first === undefined) return undefined
  const source = first.getSourceFile()
  const line = source.getLineAndCharacterOfPosition(first.getStart()).line + 1
  return {
    name: symbol.name,
    localName: target.name,
    file: source.fileName,
    place: `${relative(root, source.fileName).split(sep).join('/')}:${line}`,
    kind: (target.flags & ts.SymbolFlags.Value) === 0 || isTypeOnly(symbol) ? 'type' : 'value',
    documented: declarations.some((declaration) => docstringsOf(declaration).length > 0),
    thrown: [...new Set(declarations.flatMap(thrownIn))],
  }
}

/**
 * `export type { SomeClass }` gives importers its type alone.
 *
 * @param {ts.Symbol} symbol
 */
function isTypeOnly(symbol) {
  return (symbol.declarations ?? []).some(
    (node) => ts.isExportSpecifier(node) && (node.isTypeOnly || node.parent.parent.isTypeOnly),
  )
}

/**
 * @param {ts.Node} node
 * @returns {ts.JSDoc[]}
 */
function docstringsOf(node) {
  // A variable's docstring stands before its statement.
  const owner = ts.isVariableDeclaration(node) ? node.parent.parent : node
  return ts.getJSDocCommentsAndTags(owner).filter(ts.isJSDoc)
}

/**
 * @param {ts.Node} declaration
 * @returns {string[]}
 */
function thrownIn(declaration) {
  const members =
    ts.isClassLike(declaration) || ts.isInterfaceDeclaration(declaration) ? declaration.members : []
  const docstrings = [declaration, ...members].flatMap(docstringsOf)
  return docstrings
    .flatMap(({ tags }) => tags ?? [])
    .flatMap((tag) =>
      ts.isJSDocThrowsTag(tag) && tag.typeExpression !== undefined ? [tag.typeExpression.type] : [],
    )
    .flatMap((type) => (ts.isTypeReferenceNode(type) ? [type.typeName.getText()] : []))
}
