import { createHmac } from 'node:crypto'

/** The internal listener of one edge (edge/README.md). */
export interface EdgeClient {
  /** Origin of the listener: names the edge in metrics and logs. */
  readonly name: string
  mark(path: string): Promise<void>
  unmark(path: string): Promise<void>
  /** Tells the edge that it has every mark up to this moment (milliseconds); it serves from its cache for a moment then. */
  vouch(position: number, withinMs: number): Promise<void>
  /** What was vouched for last; null at an edge that never was. */
  position(): Promise<number | null>
}

const patienceMs = 2000

/** Each edge has a token of its own: who reads one can tell the others nothing. */
export function edgeToken(key: Buffer, url: string): string {
  return createHmac('sha256', key).update(new URL(url).origin).digest('base64url')
}

export function createEdgeClient(url: string, key: Buffer): EdgeClient {
  const name = new URL(url).origin
  const headers = { authorization: `Bearer ${edgeToken(key, url)}` }

  async function call(
    method: 'GET' | 'PUT' | 'DELETE',
    path: string,
    { body, withinMs = patienceMs }: { body?: string; withinMs?: number } = {},
  ): Promise<{ status: number; text: string }> {
    const response = await fetch(`${name}/${path}`, {
      method,
      headers,
      redirect: 'error',
      signal: AbortSignal.timeout(withinMs),
      ...(method === 'PUT' && { body: body ?? '' }),
    })
    const text = await response.text()
    if (response.ok || response.status === 404) return { status: response.status, text }
    throw new Error(`${method} ${path} at ${name} answered ${response.status}`)
  }

  async function put(path: string, options?: { body: string; withinMs: number }): Promise<void> {
    const { status } = await call('PUT', path, options)
    if (status === 404) throw new Error(`${name} takes no marks`)
  }

  return {
    name,
    mark: (path) => put(path),
    unmark: async (path) => void (await call('DELETE', path)),
    vouch: (position, withinMs) => put('vouched', { body: String(position), withinMs }),
    async position() {
      const { status, text } = await call('GET', 'vouched')
      return status === 200 && /^\d{1,15}$/.test(text) ? Number(text) : null
    },
  }
}
