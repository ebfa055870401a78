import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { ConfigError, loadConfig } from './config.ts'

const DATABASE_URL = 'postgres://heliograph:secret@/heliograph?host=/tmp/socket'

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(environment)
    return []
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.faults
  }
}

test('with nothing but a database everything has a value that is right on one machine', () => {
  const config = loadConfig({ DATABASE_URL, PORT: '', LOG_LEVEL: '  ' })
  assert.deepEqual(config.http, {
    port: 3000,
    host: null,
    publicUrl: 'http://localhost:3000',
    allowedHosts: ['localhost', '127.0.0.1', '[::1]'],
    trustedProxies: [],
    rateLimits: 'off',
    metricsToken: null,
  })
  assert.equal(config.data.folder, resolve('data'))
  assert.equal(config.database.url, DATABASE_URL)
  assert.equal(config.log.level, 'info')
  assert.equal(config.mail.smtpUrl, null)
  const { sessionDays, waitingDays, requireSecondFactor } = config.accounts
  assert.deepEqual([sessionDays, waitingDays, requireSecondFactor], [90, 30, 'nobody'])
  const wanted = loadConfig({ DATABASE_URL, REQUIRE_SECOND_FACTOR: 'everybody' })
  assert.equal(wanted.accounts.requireSecondFactor, 'everybody')
  assert.equal(loadConfig({ DATABASE_URL, WAITING_DAYS: '0' }).accounts.waitingDays, null)
  assert.deepEqual(config.roles, ['web', 'worker'])
  assert.equal(config.redis, null)
  assert.equal(config.exports.partBytes, 1024 ** 3)
})

test('all faults are told at once, each with its setting and an example', () => {
  const faults = faultsOf({
    PORT: '99999',
    HOST: '0.0.0.0',
    LOG_LEVEL: 'loud',
    RATE_LIMITS: 'some',
    TRUSTED_PROXIES: '10.0.0.0/99',
    SMTP_URL: 'mail.example.com',
    DATABASE_REPLICA_URLS: 'mysql://a',
    REQUIRE_VERIFIED_EMAIL: 'maybe',
    EDGE_URLS: 'http://10.0.0.2:8081, 10.0.0.3',
    MODERATION: 'perhaps',
    MODERATION_PICTURES: '101',
    MODERATION_TEXT: 'rude',
    MODERATION_UNSCORED: 'wait',
    REQUIRE_SECOND_FACTOR: 'some',
    SESSION_DAYS: '0',
    EXPORT_PART_MB: '0',
    WAITING_DAYS: 'long',
  })
  for (const name of [
    'PORT',
    'HOST',
    'LOG_LEVEL',
    'RATE_LIMITS',
    'TRUSTED_PROXIES',
    'SMTP_URL',
    'DATABASE_URL',
    'DATABASE_REPLICA_URLS',
    'REQUIRE_VERIFIED_EMAIL',
    'EDGE_URLS',
    'MODERATION',
    'MODERATION_PICTURES',
    'MODERATION_TEXT',
    'MODERATION_UNSCORED',
    'REQUIRE_SECOND_FACTOR',
    'SESSION_DAYS',
    'WAITING_DAYS',
    'EXPORT_PART_MB',
  ])
    assert.ok(
      faults.some((sentence) => sentence.startsWith(name) && sentence.includes('for example')),
      `${name}: ${faults.join('\n')}`,
    )
})

test('no fault shows a password', () => {
  const faults = faultsOf({ DATABASE_URL: 'mysql://u:hunter2@h/d', SMTP_URL: 'mailto://u:hunter2@h' })
  assert.equal(faults.length, 2)
  assert.doesNotMatch(faults.join(), /hunter2/)
})

test('Redis is one address or the nodes of a Cluster, and a bad one is told without its password', () => {
  const urlsOf = (REDIS_URL: string) => loadConfig({ DATABASE_URL, REDIS_URL }).redis?.urls
  assert.equal(loadConfig({ DATABASE_URL }).redis, null)
  assert.deepEqual(urlsOf('rediss://:hunter2@cache.example.com'), ['rediss://:hunter2@cache.example.com'])
  assert.deepEqual(urlsOf('redis://a:7000, redis://b:7001'), ['redis://a:7000', 'redis://b:7001'])
  for (const REDIS_URL of ['localhost:6379', 'http://u:hunter2@h', 'redis://a,hunter2', 'redis://']) {
    const faults = faultsOf({ DATABASE_URL, REDIS_URL })
    assert.equal(faults.length, 1, REDIS_URL)
    assert.match(faults[0] ?? '', /^REDIS_URL must begin with redis:\/\/ .*for example/)
    assert.doesNotMatch(faults[0] ?? '', /hunter2/)
  }
})

test('a process does what ROLES says, and everything unless told otherwise', () => {
  const rolesOf = (ROLES: string) => loadConfig({ DATABASE_URL, ROLES }).roles
  assert.deepEqual(rolesOf('all'), ['web', 'worker'])
  assert.deepEqual(rolesOf('worker, web'), ['web', 'worker'])
  assert.deepEqual(rolesOf('web'), ['web'])
  assert.deepEqual(rolesOf('worker'), ['worker'])
  assert.match(
    faultsOf({ DATABASE_URL, ROLES: 'web,cook' })[0] ?? '',
    /^ROLES=web,cook must be .*for example/,
  )
})

const s3 = {
  S3_ENDPOINT: 'https://s3.example.com',
  S3_ACCESS_KEY_ID: 'key',
  S3_SECRET_ACCESS_KEY: 'hunter2',
  S3_BUCKET_MEDIA: 'a-media',
  S3_BUCKET_STORIES: 'a-stories',
  S3_BUCKET_EXPORTS: 'a-exports',
}

test('objects lie in folders, or in S3 once all of its settings are there', () => {
  const none = { s3: null, coldFolder: null, replica: null, tiers: { warmDays: null, coldDays: null } }
  assert.deepEqual(loadConfig({ DATABASE_URL }).storage, { home: 'folder', ...none })
  const { storage } = loadConfig({ DATABASE_URL, ...s3 })
  assert.equal(storage.home, 's3')
  assert.equal(storage.s3?.access.region, 'us-east-1')
  assert.equal(storage.s3?.buckets.stories, 'a-stories')
  assert.equal(loadConfig({ DATABASE_URL, ...s3, STORAGE_HOME: 'folder' }).storage.home, 'folder')
  const { S3_ENDPOINT, ...aws } = s3
  assert.equal(loadConfig({ DATABASE_URL, ...aws, S3_REGION: 'x' }).storage.s3?.access.endpoint, null)
})

test('what is cold has a place and an age, and the copy one place', () => {
  const storageOf = (settings: Record<string, string>) => loadConfig({ DATABASE_URL, ...settings }).storage
  assert.deepEqual(storageOf({ COLD_FOLDER: '/cold' }).tiers, { warmDays: null, coldDays: 180 })
  const both = storageOf({ ...s3, TIER_WARM_DAYS: '30', TIER_COLD_DAYS: '90' })
  assert.deepEqual(both.tiers, { warmDays: 30, coldDays: 90 })
  assert.deepEqual(storageOf({ REPLICA_FOLDER: '/copy' }).replica, { folder: '/copy' })
  const copy = Object.fromEntries(Object.entries(s3).map(([name, value]) => [`REPLICA_${name}`, value]))
  const { replica } = storageOf({ ...s3, ...copy })
  assert.ok(replica && 's3' in replica)
  assert.equal(replica.s3.settingOf('media'), 'REPLICA_S3_BUCKET_MEDIA')
  assert.match(faultsOf({ DATABASE_URL, ...copy, REPLICA_FOLDER: '/copy' })[0] ?? '', /^REPLICA_FOLDER and/)
})

const halves: [string, Record<string, string>, RegExp][] = [
  ['half of S3', { S3_ENDPOINT: s3.S3_ENDPOINT }, /^S3_ACCESS_KEY_ID, .*S3_BUCKET_EXPORTS: missing/],
  ['AWS without a region', { ...s3, S3_ENDPOINT: '' }, /^S3_REGION: missing/],
  [
    'one bucket for two stores',
    { ...s3, S3_BUCKET_STORIES: 'a-media' },
    /^S3_BUCKET_STORIES=a-media is the bucket of S3_BUCKET_MEDIA/,
  ],
  [
    'what is no bucket',
    { ...s3, S3_BUCKET_MEDIA: 'Media!' },
    /^S3_BUCKET_MEDIA=Media! must be the name of a bucket/,
  ],
  ['a path behind the endpoint', { ...s3, S3_ENDPOINT: 'https://s3/bucket' }, /^S3_ENDPOINT=/],
  ['warm folders', { TIER_WARM_DAYS: '30' }, /^TIER_WARM_DAYS is for S3 alone/],
  ['cold without a place', { TIER_COLD_DAYS: '30' }, /^TIER_COLD_DAYS needs a place/],
  ['half of a second region', { REPLICA_S3_REGION: 'x' }, /^REPLICA_S3_ACCESS_KEY_ID, .*: missing/],
  ['a home that is not there', { STORAGE_HOME: 's3' }, /^STORAGE_HOME=s3 needs the S3_/],
]
for (const [name, settings, sentence] of halves)
  test(`${name} is refused with one sentence, and no secret in it`, () => {
    const faults = faultsOf({ DATABASE_URL, ...settings })
    assert.equal(faults.length, 1, faults.join('\n'))
    assert.match(faults[0] ?? '', sentence)
    assert.doesNotMatch(faults[0] ?? '', /hunter2/)
  })

test('other machines are let in only with a public address', () => {
  assert.match(faultsOf({ DATABASE_URL, HOST: '0.0.0.0' })[0] ?? '', /PUBLIC_URL must say/)
  assert.equal(loadConfig({ DATABASE_URL, HOST: '[::1]' }).http.host, '::1')
  const { http } = loadConfig({ DATABASE_URL, HOST: '0.0.0.0', PUBLIC_URL: 'https://Photos.Example.com/' })
  assert.equal(http.publicUrl, 'https://photos.example.com')
  assert.ok(http.allowedHosts.includes('photos.example.com'))
  assert.equal(http.rateLimits, 'default')
})

for (const url of [
  'photos.example.com',
  'ftp://a.example',
  'https://a.example/path',
  'https://u:p@a.example',
  'https://a.example?x',
])
  test(`PUBLIC_URL=${url} is refused`, () => {
    assert.match(faultsOf({ DATABASE_URL, PUBLIC_URL: url })[0] ?? '', /^PUBLIC_URL/)
  })

test('limits are off only where nobody else can come in', () => {
  const mode = (settings: Record<string, string>) => loadConfig({ DATABASE_URL, ...settings }).http.rateLimits
  assert.equal(mode({}), 'off')
  assert.equal(mode({ TRUSTED_PROXIES: '127.0.0.1' }), 'default')
  // Something passes requests on to it, though it was not named.
  assert.equal(mode({ PUBLIC_URL: 'https://photos.example.com' }), 'default')
  assert.equal(mode({ PUBLIC_URL: 'http://localhost:3000' }), 'off')
  assert.equal(mode({ RATE_LIMITS: 'strict' }), 'strict')
  assert.equal(mode({ RATE_LIMITS: 'off', TRUSTED_PROXIES: '127.0.0.1' }), 'off')
})

test('every setting that is read stands in deploy/example.env, and no other', () => {
  const read = new Set<string>()
  const environment: Record<string, string> = { DATABASE_URL }
  loadConfig(
    new Proxy(environment, {
      get(target, name) {
        if (typeof name === 'string') read.add(name)
        return Reflect.get(target, name)
      },
    }),
  )
  // The system's own.
  read.delete('PATH')
  const example = readFileSync(new URL('../../../deploy/example.env', import.meta.url), 'utf8')
  const named = [...example.matchAll(/^#? ?([A-Z0-9_]+)=/gm)].map(([, name]) => name)
  assert.deepEqual(named.sort(), [...read].sort())
})
