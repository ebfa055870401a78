/** @typedef {import('./read-imports.mjs').Source} Source */
/** @typedef {import('./read-imports.mjs').Import} Import */

/**
 * A wall: which files it is about, and which of their imports break it. The reason is what the developer reads.
 *
 * @typedef {object} Wall
 * @property {string} reason
 * @property {(file: string) => boolean} about
 * @property {(entry: Import, file: string, context: Context) => boolean} breaks
 */

/** What is known of all files together.
 * @typedef {{ usesZod: (file: string) => boolean, readsAtStart: (file: string) => boolean }} Context */

const isTest = (/** @type {string} */ file) =>
  /\.(test|e2e)\.(ts|mjs)$/.test(file) || /(test-kit|test-support|fixtures)/.test(file)

/** @param {string} file */
function moduleOf(file) {
  return /^server\/src\/modules\/([^/]+)\//.exec(file)?.[1]
}

/** Together a third of what a start of the server would have to read. */
const readAtNeed = /^(@aws-sdk\/|@simplewebauthn\/|ioredis$|nodemailer$)/

/** @type {Wall[]} */
export const walls = [
  {
    reason: 'the contract is data: it imports zod and itself, nothing else',
    about: (file) => file.startsWith('contract/src/') && !isTest(file),
    breaks: ({ specifier, target }) => specifier !== 'zod' && !target?.startsWith('contract/src/'),
  },
  {
    reason: 'platform/ knows no product words: it imports no module',
    about: (file) => file.startsWith('server/src/platform/') && !isTest(file),
    breaks: ({ specifier, target }) =>
      specifier.startsWith('#modules/') || target?.startsWith('server/src/modules/') === true,
  },
  {
    reason: 'another module is entered by its front door: import from #modules/<name>',
    about: (file) => moduleOf(file) !== undefined,
    breaks: ({ specifier, target }, file) =>
      target !== undefined &&
      moduleOf(target) !== undefined &&
      moduleOf(target) !== moduleOf(file) &&
      !/^#modules\/[^/]+$/.test(specifier),
  },
  {
    reason: 'inside a module imports are relative, not through its own front door',
    about: (file) => moduleOf(file) !== undefined && !isTest(file),
    breaks: ({ specifier }, file) => specifier === `#modules/${moduleOf(file)}`,
  },
  {
    reason: 'modules are put together by app.ts; they do not know it',
    about: (file) => moduleOf(file) !== undefined && !isTest(file),
    breaks: ({ target }) => target === 'server/src/app.ts' || target === 'server/src/main.ts',
  },
  {
    reason: 'the web app knows nothing of the server: what both know is in the contract',
    about: (file) => file.startsWith('web/src/'),
    breaks: ({ specifier, target }) =>
      specifier.startsWith('#') ||
      specifier.startsWith('@heliograph/server') ||
      target?.startsWith('server/') === true,
  },
  {
    reason: 'zod stays out of the browser: import only types from contract files that use it',
    about: (file) => file.startsWith('web/src/') && !isTest(file),
    breaks: ({ typeOnly, target, specifier }, _file, { usesZod }) =>
      !typeOnly && (specifier === 'zod' || (target?.startsWith('contract/src/') === true && usesZod(target))),
  },
  {
    reason: 'few servers use it and every start would read it: await import() it where it is used',
    about: (file) => file.startsWith('server/src/') && !isTest(file),
    breaks: ({ typeOnly, atNeed, specifier }, file, { readsAtStart }) =>
      !typeOnly && !atNeed && readAtNeed.test(specifier) && readsAtStart(file),
  },
  {
    reason: 'production code does not import tests',
    about: (file) => !isTest(file) && /^(contract|web|server)\/src\//.test(file),
    breaks: ({ target, typeOnly }) => !typeOnly && target !== undefined && isTest(target),
  },
]

/** Who may read the process's environment in server/src: everybody else is handed values. @param {string} file */
export function mayReadEnvironment(file) {
  return !file.startsWith('server/src/') || /^server\/src\/(config|supervisor)\//.test(file) || isTest(file)
}

/**
 * @param {Source[]} sources
 * @returns {string[]} a line for each breach
 */
export function findBreaches(sources) {
  const context = { usesZod: zodUsers(sources), readsAtStart: startReads(sources) }
  return sources.flatMap(({ file, imports, readsEnvironment }) => [
    ...walls
      .filter(({ about }) => about(file))
      .flatMap(({ reason, breaks }) =>
        imports
          .filter((entry) => breaks(entry, file, context))
          .map(({ line, specifier }) => `${file}:${line} imports ${specifier}: ${reason}`),
      ),
    ...(mayReadEnvironment(file) ? [] : readsEnvironment).map(
      (line) => `${file}:${line} reads process.env: only config/ does; take the value as a parameter`,
    ),
  ])
}

/**
 * Whether a file is read by every start of the server.
 *
 * @param {Source[]} sources
 */
function startReads(sources) {
  const byFile = new Map(sources.map((source) => [source.file, source]))
  const reached = new Set(['server/src/main.ts'])
  for (const file of reached) {
    for (const { typeOnly, atNeed, target } of byFile.get(file)?.imports ?? [])
      if (!typeOnly && !atNeed && target !== undefined) reached.add(target)
  }
  return (/** @type {string} */ file) => reached.has(file)
}

/**
 * Whether importing a file pulls zod in, by whatever way.
 *
 * @param {Source[]} sources
 */
function zodUsers(sources) {
  const byFile = new Map(sources.map((source) => [source.file, source]))
  /** @type {Map<string, boolean>} */
  const known = new Map()
  /** @param {string} file @returns {boolean} */
  function usesZod(file) {
    const before = known.get(file)
    if (before !== undefined) return before
    known.set(file, false)
    const imports = (byFile.get(file)?.imports ?? []).filter(({ typeOnly }) => !typeOnly)
    const result = imports.some(
      ({ specifier, target }) => specifier === 'zod' || (target !== undefined && usesZod(target)),
    )
    known.set(file, result)
    return result
  }
  return usesZod
}
