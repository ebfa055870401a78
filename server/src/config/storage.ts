import { resolve } from 'node:path'
import type { S3Access } from '#platform/blobs/s3-client.ts'
import type { Settings } from './settings.ts'

export const storeNames = ['media', 'stories', 'exports'] as const
export type StoreName = (typeof storeNames)[number]
export type StorePlace = 'folder' | 's3'

export interface S3Config {
  access: S3Access
  buckets: Readonly<Record<StoreName, string>>
  /** Name of the setting that says a bucket. */
  settingOf(name: StoreName): string
}

export interface StorageConfig {
  /** Where new objects go. */
  home: StorePlace
  s3: S3Config | null
  /** Absolute; a second folder for what is seldom asked for. */
  coldFolder: string | null
  /** Days without anybody asking after which objects go to cheaper places; null: never. */
  tiers: { warmDays: number | null; coldDays: number | null }
  /** A second region: everything is copied there, and read from there while the first is away. */
  replica: { folder: string } | { s3: S3Config } | null
}

export function readStorage(settings: Settings): StorageConfig {
  const s3 = readS3(settings, 'S3_')
  const home = settings.oneOf('STORAGE_HOME', ['folder', 's3'] as const, s3 === null ? 'folder' : 's3')
  if (home === 's3' && s3 === null && !given(settings, 'S3_'))
    settings.fault('STORAGE_HOME=s3 needs the S3_… settings: where the buckets are, and the keys to them.')
  const cold = settings.text('COLD_FOLDER')
  const coldFolder = cold === null ? null : resolve(cold)
  return {
    home,
    s3,
    coldFolder,
    tiers: readTiers(settings, home, coldFolder),
    replica: readReplica(settings),
  }
}

function readTiers(settings: Settings, home: StorePlace, coldFolder: string | null): StorageConfig['tiers'] {
  const days = (name: string, example: string) => {
    const given = settings.integer(name, { fallback: 0, min: 1, max: 36_500, example })
    return given === 0 ? null : given
  }
  const warmDays = days('TIER_WARM_DAYS', '30')
  const coldDays = days('TIER_COLD_DAYS', '180')
  if (home === 's3') return { warmDays, coldDays }
  if (warmDays !== null)
    settings.fault('TIER_WARM_DAYS is for S3 alone: folders know hot and cold, so say TIER_COLD_DAYS.')
  if (coldDays !== null && coldFolder === null)
    settings.fault(
      'TIER_COLD_DAYS needs a place for what is cold, for example COLD_FOLDER=/mnt/archive/heliograph',
    )
  return { warmDays: null, coldDays: coldDays ?? (coldFolder === null ? null : usualColdDays) }
}

/** Half a year: of a folder whose operator gave a cold one and no days. */
const usualColdDays = 180

function readReplica(settings: Settings): StorageConfig['replica'] {
  const folder = settings.text('REPLICA_FOLDER')
  const s3 = readS3(settings, 'REPLICA_S3_')
  if (folder !== null && given(settings, 'REPLICA_S3_'))
    settings.fault('REPLICA_FOLDER and REPLICA_S3_…: the copy lies in one place; leave one of them out.')
  if (folder !== null) return { folder: resolve(folder) }
  return s3 === null ? null : { s3 }
}

const examples = {
  REGION: 'eu-central-1',
  ACCESS_KEY_ID: 'AKIA…',
  SECRET_ACCESS_KEY: '…',
  BUCKET_MEDIA: 'example-media',
  BUCKET_STORIES: 'example-stories',
  BUCKET_EXPORTS: 'example-exports',
} as const
type Part = keyof typeof examples
const parts = Object.keys(examples) as Part[]

function given(settings: Settings, prefix: string): boolean {
  return ['ENDPOINT', ...parts].some((part) => settings.text(prefix + part) !== null)
}

/** All of them or none: half a store would be found out with the first upload. */
function readS3(settings: Settings, prefix: string): S3Config | null {
  if (!given(settings, prefix)) return null
  const endpoint = readEndpoint(settings, `${prefix}ENDPOINT`)
  const text = (part: Part) => settings.text(prefix + part)
  // Stores other than AWS have one region, and mostly care little for its name.
  const values = new Map(parts.map((part) => [part, text(part)]))
  const isAws = settings.text(`${prefix}ENDPOINT`) === null
  if (!isAws && values.get('REGION') === null) values.set('REGION', 'us-east-1')
  const missing = parts.filter((part) => values.get(part) === null)
  if (missing.length > 0)
    settings.fault(
      `${missing.map((part) => prefix + part).join(', ')}: missing. S3 storage needs all of its settings or none, for example ${missing.map((part) => `${prefix}${part}=${examples[part]}`).join(' ')}`,
    )
  const bucketOf = (name: StoreName) => values.get(bucketPart(name)) ?? ''
  checkBuckets(settings, prefix, bucketOf)
  if (missing.length > 0) return null
  return {
    access: {
      endpoint,
      region: values.get('REGION')!,
      accessKeyId: values.get('ACCESS_KEY_ID')!,
      secretAccessKey: values.get('SECRET_ACCESS_KEY')!,
    },
    buckets: { media: bucketOf('media'), stories: bucketOf('stories'), exports: bucketOf('exports') },
    settingOf: (name) => prefix + bucketPart(name),
  }
}

function bucketPart(name: StoreName): Part {
  return `BUCKET_${name.toUpperCase() as Uppercase<StoreName>}`
}

function readEndpoint(settings: Settings, name: string): string | null {
  return settings.origin(name, 'https://s3.example.com')?.origin ?? null
}

function checkBuckets(settings: Settings, prefix: string, bucketOf: (name: StoreName) => string): void {
  const taken = new Map<string, string>()
  for (const name of storeNames) {
    const bucket = bucketOf(name)
    const setting = prefix + bucketPart(name)
    if (bucket === '') continue
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket))
      settings.fault(
        `${setting}=${bucket} must be the name of a bucket: 3 to 63 of a-z 0-9 - ., for example ${setting}=${examples[bucketPart(name)]}`,
      )
    const other = taken.get(bucket)
    if (other !== undefined)
      settings.fault(`${setting}=${bucket} is the bucket of ${other} too: each store needs one of its own.`)
    taken.set(bucket, setting)
  }
}
