export interface Pattern {
  /** `/p/:id`; a literal part wins over a parameter when it stands earlier in the list. */
  readonly pattern: string
}
export type RouteParams = Readonly<Record<string, string>>

/** The first route that fits, with its parameters decoded; trailing slashes do not matter. */
export function matchRoute<R extends Pattern>(
  routes: readonly R[],
  path: string,
): { route: R; params: RouteParams } | undefined {
  const parts = partsOf(path)
  for (const route of routes) {
    const params = matchParts(partsOf(route.pattern), parts)
    if (params) return { route, params }
  }
  return undefined
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '')
}

function matchParts(pattern: string[], parts: string[]): RouteParams | undefined {
  if (pattern.length !== parts.length) return undefined
  const params: Record<string, string> = {}
  for (const [at, name] of pattern.entries()) {
    const part = parts[at] ?? ''
    if (name.startsWith(':')) {
      const value = decode(part)
      if (value === undefined) return undefined
      params[name.slice(1)] = value
    } else if (name !== part) {
      return undefined
    }
  }
  return params
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part)
  } catch {
    return undefined
  }
}
