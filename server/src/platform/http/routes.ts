/** Which methods stand at which addresses, to tell "not there" from "not like that". */
export interface RouteTable {
  add(method: string, path: string): void
  /** Methods that the address of a request knows. */
  methodsAt(url: string): string[]
}

export function createRouteTable(): RouteTable {
  const routes = new Map<string, { pattern: RegExp; methods: Set<string> }>()
  return {
    add(method, path) {
      const known = routes.get(path)
      if (known === undefined) routes.set(path, { pattern: patternOf(path), methods: new Set([method]) })
      else known.methods.add(method)
    },
    methodsAt(url) {
      const path = url.split('?', 1)[0] ?? ''
      const methods = new Set<string>()
      for (const route of routes.values())
        if (route.pattern.test(path)) for (const method of route.methods) methods.add(method)
      return [...methods].sort()
    },
  }
}

function patternOf(path: string): RegExp {
  const source = path
    .split('/')
    .map((part) => {
      if (part.startsWith(':')) return '[^/]+'
      return part === '*' ? '.*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    })
    .join('/')
  return new RegExp(`^${source}$`)
}
