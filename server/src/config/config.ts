import { join, resolve } from 'node:path'
import type { LogLevel } from '#platform/telemetry/log.ts'
import type { Environment } from './env.ts'
import { createSettings, type Settings } from './settings.ts'
import { readStorage, type StorageConfig } from './storage.ts'
import { readVideo, type VideoConfig } from './video.ts'

export type RateLimitMode = 'off' | 'default' | 'strict'
export type ProcessRole = 'web' | 'worker'

export interface HttpConfig {
  port: number
  /** Null: loopback, IPv4 and IPv6. */
  host: string | null
  /** Origin under which people reach the server, without a slash at the end. */
  publicUrl: string
  /** Host names (without port) that are answered; everything else is 421. */
  allowedHosts: readonly string[]
  /** Addresses or networks whose X-Forwarded-… is believed. */
  trustedProxies: readonly string[]
  rateLimits: RateLimitMode
  /** Lets /metrics be read from elsewhere than loopback. */
  metricsToken: string | null
}

export interface Config {
  http: HttpConfig
  data: {
    /** Absolute. */
    folder: string
    /** Bytes that uploads leave free on the disk. */
    reserveBytes: number
  }
  storage: StorageConfig
  video: VideoConfig
  /** Null: what processes share is the database alone, so there is one process. */
  redis: RedisConfig | null
  database: { url: string; replicaUrls: readonly string[]; poolSize: number }
  /** Internal listeners of the edges in front (edge/README.md). */
  media: { edgeUrls: readonly string[] }
  /** Origins that requests to addresses of others' choice may go to though they are private. */
  outbound: { trustedOrigins: readonly string[] }
  log: { level: LogLevel; human: boolean }
  mail: { smtpUrl: string | null; from: string }
  accounts: {
    requireVerifiedEmail: boolean
    /** Who may make an account of their own. */
    signUp: 'open' | 'approval' | 'invitation' | 'closed'
    /** Years; 0: nobody is asked. */
    minimumAge: number
    /** Who may invite others. */
    invitations: 'roles' | 'everyone'
    /** How long somebody waits to be let in before their account goes; null: until somebody decides. */
    waitingDays: number | null
    /** Who has to have a second factor before they act. */
    requireSecondFactor: 'nobody' | 'roles' | 'everybody'
    /** So long after one last showed who one is a session ends, however much it is used. */
    sessionDays: number
    /** What an account may keep when it has no limit of its own; null for no limit. */
    quotaBytes: number | null
  }
  moderation: ModerationConfig
  feed: {
    /** What recent posts may take in the memory of one process. */
    memoryBytes: number
  }
  signals: {
    /** What is known of viewers may take so much in the memory of one process. */
    memoryBytes: number
  }
  exports: {
    /** Behind this a copy of what is somebody's goes on in another file. */
    partBytes: number
  }
  roles: readonly ProcessRole[]
}

export interface RedisConfig {
  /** One: a single Redis. More: nodes of a Cluster, which names the others itself. */
  urls: readonly string[]
}

export interface ModerationConfig {
  /** What waits for a moderator: nothing by itself when this is off; reports and the block list stand. */
  enabled: boolean
  /** 0 to 1: how sure the networks must be that a picture is explicit. 0: a person looks at every picture. */
  pictureThreshold: number
  /** From this severity on words are held; null: never. */
  words: 'mild' | 'strong' | 'severe' | null
  /** What becomes of a picture that could not be looked at. */
  unscored: 'publish' | 'review'
  /** Words of one's own, a line each. */
  wordsFile: string
}

/** All faults of the settings at once, each a sentence for the operator. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(`Heliograph cannot start with these settings:\n${faults.map((line) => `  - ${line}`).join('\n')}`)
    this.faults = faults
  }
}

export function loadConfig(environment: Environment): Config {
  const settings = createSettings(environment)
  const config = shape(settings)
  if (settings.faults.length > 0) throw new ConfigError(settings.faults)
  return config
}

function shape(settings: Settings): Config {
  const data = readData(settings)
  const http = readHttp(settings)
  return {
    http,
    data,
    storage: readStorage(settings),
    video: readVideo(settings),
    redis: readRedis(settings),
    database: readDatabase(settings),
    media: { edgeUrls: settings.origins('EDGE_URLS', 'http://10.0.0.2:8081, http://10.0.0.3:8081') },
    outbound: { trustedOrigins: settings.origins('OUTBOUND_TRUSTED_ORIGINS', 'http://10.0.0.5:8080') },
    log: {
      level: settings.oneOf('LOG_LEVEL', logLevels, 'info'),
      human: process.stdout.isTTY === true,
    },
    mail: readMail(settings, http.publicUrl),
    accounts: readAccounts(settings),
    moderation: readModeration(settings, data.folder),
    feed: readFeed(settings),
    signals: readSignals(settings),
    exports: readExports(settings),
    roles: readRoles(settings),
  }
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
const loopbackNames = ['localhost', '127.0.0.1', '[::1]']

function readHttp(settings: Settings): HttpConfig {
  const port = settings.integer('PORT', { fallback: 3000, min: 0, max: 65_535, example: '3000' })
  const host = settings.text('HOST')?.replace(/^\[(.*)\]$/, '$1') ?? null
  const url = settings.origin('PUBLIC_URL', 'https://photos.example.com')
  const loopback = host === null || isLoopback(host)
  if (!loopback && url === null && settings.text('PUBLIC_URL') === null)
    settings.fault(
      `HOST=${host} lets other machines in, so PUBLIC_URL must say how they reach this one, for example PUBLIC_URL=https://photos.example.com`,
    )
  // A public address means that something passes requests on, though it was not named.
  const isAtHome = url === null || isLoopback(url.hostname.replace(/^\[(.*)\]$/, '$1'))
  const trustedProxies = settings.addresses('TRUSTED_PROXIES', '127.0.0.1, 10.0.0.0/8')
  const rateLimits = settings.oneOf(
    'RATE_LIMITS',
    ['off', 'default', 'strict'] as const,
    loopback && isAtHome && trustedProxies.length === 0 ? 'off' : 'default',
  )
  return {
    port,
    host,
    publicUrl: url?.origin ?? `http://localhost:${port}`,
    allowedHosts: url === null ? loopbackNames : [...new Set([...loopbackNames, url.hostname])],
    trustedProxies,
    rateLimits,
    metricsToken: settings.text('METRICS_TOKEN'),
  }
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

function readData(settings: Settings): Config['data'] {
  const reserveBytes = settings.mebibytes('DISK_RESERVE_MB', {
    fallback: 512,
    min: 0,
    max: 10_000_000,
    example: '512',
  })
  return {
    folder: resolve(settings.text('HELIOGRAPH_DATA') ?? 'data'),
    reserveBytes,
  }
}

function readDatabase(settings: Settings): Config['database'] {
  const url = settings.postgresUrl('DATABASE_URL')
  if (url === null && settings.text('DATABASE_URL') === null)
    settings.fault(
      'DATABASE_URL is missing. `npm start` brings a database of its own; a server started by hand needs one, for example DATABASE_URL=postgres://heliograph:secret@127.0.0.1:5432/heliograph',
    )
  return {
    url: url ?? '',
    replicaUrls: settings.postgresUrls('DATABASE_REPLICA_URLS'),
    poolSize: settings.integer('DATABASE_POOL_SIZE', { fallback: 10, min: 2, max: 500, example: '10' }),
  }
}

function readAccounts(settings: Settings): Config['accounts'] {
  const quotaBytes = settings.mebibytes('ACCOUNT_QUOTA_MB', {
    fallback: 0,
    min: 1,
    max: 1_000_000_000,
    example: '5000',
  })
  return {
    requireVerifiedEmail: settings.flag('REQUIRE_VERIFIED_EMAIL', false),
    signUp: settings.oneOf('SIGN_UP', ['open', 'approval', 'invitation', 'closed'], 'open'),
    minimumAge: settings.integer('MINIMUM_AGE', { fallback: 0, min: 0, max: 120, example: '16' }),
    invitations: settings.oneOf('INVITATIONS', ['roles', 'everyone'], 'roles'),
    waitingDays: settings.integer('WAITING_DAYS', { fallback: 30, min: 0, max: 3650, example: '14' }) || null,
    requireSecondFactor: settings.oneOf('REQUIRE_SECOND_FACTOR', ['nobody', 'roles', 'everybody'], 'nobody'),
    sessionDays: settings.integer('SESSION_DAYS', { fallback: 90, min: 1, max: 400, example: '30' }),
    quotaBytes: quotaBytes || null,
  }
}

function readMail(settings: Settings, publicUrl: string): Config['mail'] {
  return {
    smtpUrl: settings.smtpUrl('SMTP_URL'),
    from: settings.text('MAIL_FROM') ?? `Heliograph <no-reply@${new URL(publicUrl).hostname}>`,
  }
}

function readModeration(settings: Settings, folder: string): ModerationConfig {
  const percent = settings.integer('MODERATION_PICTURES', { fallback: 70, min: 0, max: 100, example: '70' })
  const words = settings.oneOf('MODERATION_TEXT', ['mild', 'strong', 'severe', 'off'] as const, 'strong')
  return {
    enabled: settings.flag('MODERATION', true),
    pictureThreshold: percent / 100,
    words: words === 'off' ? null : words,
    unscored: settings.oneOf('MODERATION_UNSCORED', ['publish', 'review'] as const, 'publish'),
    wordsFile: join(folder, 'moderation-words.txt'),
  }
}

function readFeed(settings: Settings): Config['feed'] {
  const rule = { fallback: 128, min: 1, max: 65_536, example: '512' }
  return { memoryBytes: settings.mebibytes('FEED_MEMORY_MB', rule) }
}

function readSignals(settings: Settings): Config['signals'] {
  const rule = { fallback: 256, min: 8, max: 65_536, example: '512' }
  return { memoryBytes: settings.mebibytes('VIEWERS_MEMORY_MB', rule) }
}

function readExports(settings: Settings): Config['exports'] {
  const rule = { fallback: 1024, min: 1, max: 1_000_000, example: '512' }
  return { partBytes: settings.mebibytes('EXPORT_PART_MB', rule) }
}

function readRedis(settings: Settings): RedisConfig | null {
  const urls = settings.redisUrls('REDIS_URL')
  return urls.length > 0 ? { urls } : null
}

const allRoles = ['web', 'worker'] as const

function readRoles(settings: Settings): readonly ProcessRole[] {
  const given = settings.text('ROLES')
  if (given === null || given === 'all') return allRoles
  const wanted = given.split(/[\s,]+/).filter((part) => part !== '')
  if (wanted.length === 0 || !wanted.every((role) => (allRoles as readonly string[]).includes(role)))
    settings.fault(
      `ROLES=${given} must be web, worker or both, for example ROLES=worker. Not set, one process does everything.`,
    )
  return allRoles.filter((role) => wanted.includes(role))
}
