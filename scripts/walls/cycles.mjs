/** @typedef {import('./read-imports.mjs').Source} Source */

/**
 * Files that can only be understood together, types included: what several describe stands below all of them.
 *
 * @param {Source[]} sources
 */
export function findFileCycles(sources) {
  const edges = new Map(
    sources.map(({ file, imports }) => [
      file,
      imports.flatMap(({ target }) => (target && target !== file ? [target] : [])),
    ]),
  )
  return findCycles(edges).map((cycle) => `files in a circle: ${cycle.join(' → ')}`)
}

/**
 * Modules that need each other, types included: a module that cannot be described without the other is no module of its own.
 *
 * @param {Source[]} sources
 */
export function findModuleCycles(sources) {
  /** @type {Map<string, string[]>} */
  const edges = new Map()
  for (const { file, imports } of sources) {
    const from = /^server\/src\/modules\/([^/]+)\//.exec(file)?.[1]
    if (!from || /\.test\.ts$|test-kit/.test(file)) continue
    const to = imports.flatMap(({ specifier }) => /^#modules\/(.+)$/.exec(specifier)?.[1] ?? [])
    edges.set(from, [...(edges.get(from) ?? []), ...to.filter((name) => name !== from)])
  }
  return findCycles(edges).map((cycle) => `modules in a circle: ${cycle.join(' → ')}`)
}

/**
 * Depth first: every edge back to a node that is still open closes a circle.
 *
 * @param {Map<string, string[]>} edges
 * @returns {string[][]}
 */
export function findCycles(edges) {
  /** @type {string[][]} */
  const cycles = []
  /** @type {Map<string, 'open' | 'done'>} */
  const state = new Map()
  /** @type {string[]} */
  const path = []

  /** @param {string} node */
  function visit(node) {
    state.set(node, 'open')
    path.push(node)
    for (const next of edges.get(node) ?? []) {
      if (state.get(next) === 'open') cycles.push([...path.slice(path.indexOf(next)), next])
      else if (!state.has(next)) visit(next)
    }
    path.pop()
    state.set(node, 'done')
  }

  for (const node of edges.keys()) if (!state.has(node)) visit(node)
  return cycles
}
