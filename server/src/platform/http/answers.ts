import type { EndpointSpec } from '@heliograph/contract/endpoint'
import type { z } from 'zod'
import type { RawJson } from './raw-json.ts'

export interface Answer<S extends number, B> {
  readonly kind: 'answer'
  readonly status: S
  readonly body: B
  readonly headers?: Readonly<Record<string, string>>
}

export interface PageAnswer<T, Fields = object> {
  readonly kind: 'page'
  readonly items: readonly T[]
  /** What the answer has beside items and cursor. */
  readonly fields: Fields
  /** Sealed into `nextCursor` by the mount. */
  readonly nextPosition: readonly string[] | null
}

/** A page whose items stand ready as JSON. */
export interface RawPageAnswer<Fields = object> {
  readonly kind: 'raw-page'
  readonly items: readonly RawJson[]
  readonly fields: Fields
  readonly nextPosition: readonly string[] | null
}

export function answer<const S extends number, B>(
  status: S,
  body: B,
  headers?: Readonly<Record<string, string>>,
): Answer<S, B> {
  return { kind: 'answer', status, body, ...(headers === undefined ? {} : { headers }) }
}

export function noContent(headers?: Readonly<Record<string, string>>): Answer<204, undefined> {
  return answer(204, undefined, headers)
}

/** `nextPosition` is what the repository needs to go on after the last item; null on the last page. */
export function page<T>(items: readonly T[], nextPosition: readonly string[] | null): PageAnswer<T>
export function page<T, Fields extends object>(
  items: readonly T[],
  nextPosition: readonly string[] | null,
  fields: Fields,
): PageAnswer<T, Fields>
export function page<T>(
  items: readonly T[],
  nextPosition: readonly string[] | null,
  fields: object = {},
): PageAnswer<T> {
  return { kind: 'page', items, nextPosition, fields }
}

/** The same with items that stand ready. */
export function rawPage(items: readonly RawJson[], nextPosition: readonly string[] | null): RawPageAnswer
export function rawPage<Fields extends object>(
  items: readonly RawJson[],
  nextPosition: readonly string[] | null,
  fields: Fields,
): RawPageAnswer<Fields>
export function rawPage(
  items: readonly RawJson[],
  nextPosition: readonly string[] | null,
  fields: object = {},
): RawPageAnswer {
  return { kind: 'raw-page', items, nextPosition, fields }
}

type BodyOf<S> = S extends z.ZodType ? z.output<S> : undefined

type ShapedAnswer<K extends number, B> =
  | Answer<K, B>
  | (B extends { items: (infer Item)[]; nextCursor: string | null }
      ? PageAnswer<Item, Omit<B, 'items' | 'nextCursor'>> | RawPageAnswer<Omit<B, 'items' | 'nextCursor'>>
      : never)

/** Whatever the contract lets this endpoint answer. */
export type AnswerTo<E extends EndpointSpec> = {
  [K in keyof E['answers'] & number]: ShapedAnswer<K, BodyOf<E['answers'][K]>>
}[keyof E['answers'] & number]
