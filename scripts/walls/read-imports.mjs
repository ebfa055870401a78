import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parseSync, Visitor } from 'oxc-parser'

/**
 * An import as written, and the file of ours that it means, if it is one. `atNeed`: by import(), when it is come to.
 * @typedef {{ specifier: string, typeOnly: boolean, atNeed: boolean, line: number, target?: string }} Import
 * @typedef {{ file: string, imports: Import[], readsEnvironment: number[] }} Source
 */

const SOURCE = /\.(ts|tsx|mjs|js)$/

/**
 * @param {string} root
 * @param {string[]} folders
 * @returns {Source[]}
 */
export function readSources(root, folders) {
  return folders
    .flatMap((folder) => walk(root, folder))
    .map((file) => readSource(root, file, readFileSync(path.join(root, file), 'utf8')))
}

/**
 * @param {string} root
 * @param {string} folder
 * @returns {string[]}
 */
function walk(root, folder) {
  if (!existsSync(path.join(root, folder))) return []
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = `${folder}/${entry.name}`
    if (entry.isDirectory()) return ['node_modules', 'dist'].includes(entry.name) ? [] : walk(root, file)
    return SOURCE.test(entry.name) ? [file] : []
  })
}

/**
 * @param {string} root
 * @param {string} file relative to root
 * @param {string} text
 * @returns {Source}
 */
export function readSource(root, file, text) {
  const { module, program, errors } = parseSync(file, text)
  const broken = errors.find(({ severity }) => severity === 'Error')
  if (broken) throw new Error(`${file}: ${broken.message}`)
  const lineAt = (/** @type {number} */ offset) => text.slice(0, offset).split('\n').length
  /** @type {Import[]} */
  const imports = []
  const add = (
    /** @type {string} */ specifier,
    /** @type {{ typeOnly?: boolean, atNeed?: boolean }} */ { typeOnly = false, atNeed = false },
    /** @type {number} */ offset,
  ) => {
    const target = resolve(root, file, specifier)
    imports.push({ specifier, typeOnly, atNeed, line: lineAt(offset), ...(target ? { target } : {}) })
  }
  for (const { moduleRequest, entries, start } of module.staticImports) {
    add(moduleRequest.value, { typeOnly: entries.length > 0 && entries.every(({ isType }) => isType) }, start)
  }
  for (const { entries, start } of module.staticExports) {
    const [first] = entries.flatMap(({ moduleRequest }) => moduleRequest ?? [])
    if (!first) continue
    const typeOnly = entries.every(({ moduleRequest, isType }) => !moduleRequest || isType)
    add(first.value, { typeOnly }, start)
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const written = /^(['"`])(.*)\1$/.exec(text.slice(moduleRequest.start, moduleRequest.end))
    if (written?.[2]) add(written[2], { atNeed: true }, moduleRequest.start)
  }
  /** @type {number[]} */
  const readsEnvironment = []
  new Visitor({
    MemberExpression(node) {
      const { object, property } = /** @type {any} */ (node)
      const isEnv = property.type === 'Identifier' ? property.name === 'env' : property.value === 'env'
      if (object.type === 'Identifier' && object.name === 'process' && isEnv)
        readsEnvironment.push(lineAt(node.start))
    },
  }).visit(program)
  return { file, imports, readsEnvironment }
}

/**
 * @param {string} root
 * @param {string} file
 * @param {string} specifier
 * @returns {string | undefined} relative to root
 */
function resolve(root, file, specifier) {
  const written = withoutAlias(file, specifier)
  if (!written) return undefined
  const candidates = [written, `${written}.ts`, `${written}.tsx`, `${written}/index.ts`]
  return candidates.find((candidate) => SOURCE.test(candidate) && existsSync(path.join(root, candidate)))
}

/**
 * @param {string} file
 * @param {string} specifier
 */
function withoutAlias(file, specifier) {
  if (specifier.startsWith('.'))
    return path.posix.join(path.posix.dirname(file), specifier.replace(/\?.*$/, ''))
  if (specifier === '#config') return 'server/src/config/config.ts'
  if (specifier.startsWith('#modules/'))
    return `server/src/modules/${specifier.slice('#modules/'.length)}/index.ts`
  if (specifier.startsWith('#')) return `server/src/${specifier.slice(1)}`
  if (specifier === '@heliograph/contract') return 'contract/src/index.ts'
  const contract = '@heliograph/contract/'
  return specifier.startsWith(contract) ? `contract/src/${specifier.slice(contract.length)}` : undefined
}
