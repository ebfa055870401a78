import { isIP } from 'node:net'
import type { Environment } from './env.ts'

export interface IntegerRule {
  fallback: number
  min: number
  max: number
  example: string
}

/** Reads single settings and collects what is wrong with them, so that the operator sees all at once. */
export interface Settings {
  readonly faults: readonly string[]
  fault(sentence: string): void
  /** Trimmed; null when missing or empty. */
  text(name: string): string | null
  integer(name: string, rule: IntegerRule): number
  /** Told in MiB; in bytes. */
  mebibytes(name: string, rule: IntegerRule): number
  flag(name: string, fallback: boolean): boolean
  oneOf<const T extends readonly string[]>(name: string, values: T, fallback: T[number]): T[number]
  origin(name: string, example: string): URL | null
  origins(name: string, example: string): string[]
  addresses(name: string, example: string): string[]
  postgresUrl(name: string): string | null
  postgresUrls(name: string): string[]
  redisUrls(name: string): string[]
  smtpUrl(name: string): string | null
}

export function createSettings(environment: Environment): Settings {
  const faults: string[] = []
  const text = (name: string) => environment[name]?.trim() || null
  const list = (name: string) =>
    (text(name) ?? '')
      .split(/[\s,]+/)
      .map((part) => part.trim())
      .filter((part) => part !== '')

  function integer(name: string, { fallback, min, max, example }: IntegerRule): number {
    const given = text(name)
    if (given === null) return fallback
    const value = /^\d{1,12}$/.test(given) ? Number(given) : Number.NaN
    if (value >= min && value <= max) return value
    faults.push(
      `${name}=${given} must be a whole number from ${min} to ${max}, for example ${name}=${example}`,
    )
    return fallback
  }

  return {
    faults,
    fault: (sentence) => void faults.push(sentence),
    text,
    integer,
    mebibytes: (name, rule) => integer(name, rule) * 1024 * 1024,
    flag(name, fallback) {
      const given = text(name)?.toLowerCase()
      if (given === undefined) return fallback
      if (['1', 'true', 'yes', 'on'].includes(given)) return true
      if (['0', 'false', 'no', 'off'].includes(given)) return false
      faults.push(`${name}=${given} must be yes or no, for example ${name}=yes`)
      return fallback
    },
    oneOf(name, values, fallback) {
      const given = text(name)
      if (given === null) return fallback
      if (values.includes(given)) return given
      faults.push(`${name}=${given} must be one of ${values.join(', ')}, for example ${name}=${fallback}`)
      return fallback
    },
    origin(name, example) {
      const given = text(name)
      if (given === null) return null
      if (isPlainOrigin(given)) return new URL(given)
      faults.push(
        `${name}=${given} must be an http or https address without a path, for example ${name}=${example}`,
      )
      return null
    },
    origins(name, example) {
      const given = list(name)
      for (const url of given)
        if (!isPlainOrigin(url))
          faults.push(
            `${name}: ${url} must be an http or https address without a path, for example ${name}=${example}`,
          )
      return [...new Set(given.filter(isPlainOrigin).map((url) => new URL(url).origin))]
    },
    addresses(name, example) {
      const given = list(name)
      for (const address of given)
        if (!isAddressOrNetwork(address))
          faults.push(`${name}: ${address} is not an IP address or network, for example ${name}=${example}`)
      return given
    },
    postgresUrl(name) {
      const given = text(name)
      if (given === null || isPostgresUrl(given)) return given
      faults.push(badPostgresUrl(name))
      return null
    },
    postgresUrls(name) {
      const given = list(name)
      if (!given.every(isPostgresUrl)) faults.push(badPostgresUrl(name))
      return given
    },
    redisUrls(name) {
      const given = list(name)
      if (given.every(isRedisUrl)) return given
      faults.push(
        `${name} must begin with redis:// or rediss:// (TLS), for example ${name}=redis://:secret@10.0.0.5:6379; of a Cluster some nodes, with commas between them`,
      )
      return []
    },
    smtpUrl(name) {
      const given = text(name)
      if (given === null) return null
      if (URL.canParse(given) && /^smtps?:$/.test(new URL(given).protocol)) return given
      faults.push(
        `${name} must begin with smtp:// or smtps://, for example ${name}=smtps://user:secret@mail.example.com:465`,
      )
      return null
    },
  }
}

function isPlainOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  return /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`
}

function isAddressOrNetwork(text: string): boolean {
  const [address = '', bits, more] = text.split('/')
  const version = isIP(address)
  if (version === 0 || more !== undefined) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}

/** Looked at by its beginning alone: PostgreSQL's own form knows sockets, which a WHATWG address does not. */
function isPostgresUrl(text: string): boolean {
  return /^postgres(ql)?:\/\/\S+$/.test(text)
}

function isRedisUrl(text: string): boolean {
  return URL.canParse(text) && /^rediss?:$/.test(new URL(text).protocol) && new URL(text).hostname !== ''
}

/** Says nothing of the value: it holds a password. */
function badPostgresUrl(name: string): string {
  return `${name} must begin with postgres://, for example ${name}=postgres://heliograph:secret@127.0.0.1:5432/heliograph`
}
