import type { AnswerOf, ClientBodyOf, ClientQueryOf, ParamsOf } from './endpoint.ts'
import type { AllEndpoints } from './index.ts'

/** What clients share: calls are typed by the contract's keys, and no schema is loaded to make one. */
export type EndpointKey = keyof AllEndpoints
export type Answer<K extends EndpointKey> = AnswerOf<AllEndpoints[K]>

type Part<Name extends string, T> = [T] extends [undefined]
  ? { [N in Name]?: undefined }
  : Record<never, never> extends T
    ? { [N in Name]?: T }
    : { [N in Name]: T }

/** The parts of a request that the endpoint takes; what may be left out is optional. */
export type Ask<K extends EndpointKey> = Part<'params', ParamsOf<AllEndpoints[K]>> &
  Part<'query', ClientQueryOf<AllEndpoints[K]>> &
  Part<'body', ClientBodyOf<AllEndpoints[K]>> & { idempotencyKey?: string }

export type AskArgument<K extends EndpointKey> =
  Record<never, never> extends Ask<K> ? [ask?: Ask<K>] : [ask: Ask<K>]

/** Fills `:name` parts and appends the query; `undefined` values are left out. */
export function buildAddress(
  path: string,
  params: Readonly<Record<string, string>> = {},
  query: Readonly<Record<string, unknown>> = {},
): string {
  const filled = path.replace(/:([a-zA-Z]+)/g, (_, name: string) => {
    const value = params[name]
    if (value === undefined) throw new TypeError(`${path} needs ${name}`)
    return encodeURIComponent(value)
  })
  const search = Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
    .join('&')
  return search ? `${filled}?${search}` : filled
}
