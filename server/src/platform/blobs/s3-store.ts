import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  AbortMultipartUploadCommand,
  CopyObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  type S3Client,
  type StorageClass,
} from '@aws-sdk/client-s3'
import {
  type BlobFacts,
  type BlobStore,
  type ByteRange,
  isBlobKey,
  type ListedBlob,
  type OpenBlob,
  requireBlobKey,
  type Tier,
  typeOfBlob,
} from './blobs.ts'
import {
  answerPatienceMs,
  createS3Client,
  piecePatienceMs,
  type S3Access,
  withPatience,
} from './s3-client.ts'
import { deleteObject, deleteObjects } from './s3-delete.ts'
import { asStoreFault, isAbsent, isWithoutClasses, setupFaultOf } from './s3-faults.ts'
import { putObject } from './s3-put.ts'

export interface S3StoreOptions {
  name: string
  bucket: string
  access: S3Access
  /** Name of the setting that says the bucket, for those who have to mend it. */
  setting: string
}

/** Larger ones cannot be put at all. */
const largestObject = 5 * 1024 ** 4
/** A put lives for minutes; one that is older was left by a crash. */
const unfinishedLifeMs = 24 * 3_600_000

const classes: Readonly<Record<Tier, StorageClass>> = {
  hot: 'STANDARD',
  warm: 'STANDARD_IA',
  cold: 'GLACIER_IR',
}

/** Objects of a bucket that nobody but us may read. */
export function createS3Store({ name, bucket, access, setting }: S3StoreOptions): BlobStore {
  const client = createS3Client(access)
  const at = (key: string) => {
    requireBlobKey(key)
    return { Bucket: bucket, Key: key }
  }

  const store: BlobStore = {
    name,
    async putFile(key, path, { type }) {
      const target = at(key)
      const object = await guarded(() => putObject(client, { ...target, ContentType: type }, path))
      await rm(path, { force: true })
      return { key, ...object }
    },
    open: async (key, range) => openObject(client, at(key), range),
    async stat(key) {
      const target = at(key)
      const answer = await guarded(() =>
        withPatience(answerPatienceMs, (abortSignal) =>
          client.send(new HeadObjectCommand(target), { abortSignal }),
        ).catch(nullWhenAbsent),
      )
      return answer === null ? null : factsOf(key, answer.ContentLength ?? 0, answer)
    },
    async delete(key) {
      requireBlobKey(key)
      await guarded(() => deleteObject(client, bucket, key))
    },
    async deleteMany(keys) {
      keys.forEach(requireBlobKey)
      await guarded(() => deleteObjects(client, bucket, keys))
    },
    list: (prefix) => listObjects(client, bucket, prefix),
    async copyTo(key, path) {
      const blob = await openObject(client, at(key))
      if (blob === null) return false
      await guarded(() => pipeline(blob.stream, createWriteStream(path, { flags: 'wx' }))).catch(
        async (error: unknown) => {
          await rm(path, { force: true })
          throw error
        },
      )
      return true
    },
    hasRoom: async (bytes) => bytes <= largestObject,
    setTier: async (key, tier) => guarded(() => moveToClass(client, at(key), classes[tier])),
    async check() {
      try {
        await askForOne(client, bucket)
      } catch (error) {
        throw setupFaultOf(error, { bucket, setting }) ?? asStoreFault(error)
      }
    },
    tidy: () => guarded(() => abortUnfinished(client, bucket)),
    close: () => client.destroy(),
  }
  return store
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw asStoreFault(error)
  }
}

/** AWS refuses to copy an object onto itself as it is, and other stores know but one class. */
async function moveToClass(client: S3Client, place: Place, wanted: StorageClass): Promise<boolean> {
  const now = await withPatience(answerPatienceMs, (abortSignal) =>
    client.send(new HeadObjectCommand(place), { abortSignal }),
  ).catch(nullWhenAbsent)
  if (now === null) return false
  if ((now.StorageClass ?? classes.hot) === wanted) return true
  const change = new CopyObjectCommand({
    ...place,
    CopySource: `${place.Bucket}/${place.Key}`,
    StorageClass: wanted,
    MetadataDirective: 'COPY',
  })
  try {
    await withPatience(piecePatienceMs, (abortSignal) => client.send(change, { abortSignal }))
    return true
  } catch (error) {
    if (isWithoutClasses(error)) return false
    throw error
  }
}

interface Place {
  Bucket: string
  Key: string
}

async function openObject(client: S3Client, place: Place, range?: ByteRange): Promise<OpenBlob | null> {
  const wanted = range ? { Range: `bytes=${range.start}-${range.end}` } : {}
  const answer = await guarded(() =>
    withPatience(answerPatienceMs, (abortSignal) =>
      client.send(new GetObjectCommand({ ...place, ...wanted }), { abortSignal }),
    ).catch(nullWhenAbsent),
  )
  if (answer === null) return null
  const whole = /\/(\d+)$/.exec(answer.ContentRange ?? '')?.[1]
  const stream = answer.Body as Readable
  return { ...factsOf(place.Key, Number(whole ?? answer.ContentLength ?? 0), answer), stream }
}

function factsOf(
  key: string,
  size: number,
  { ETag, LastModified }: { ETag?: string | undefined; LastModified?: Date | undefined },
): BlobFacts {
  return {
    size,
    type: typeOfBlob(key),
    etag: ETag?.startsWith('"') ? ETag : `"${ETag}"`,
    lastModified: LastModified ?? new Date(0),
  }
}

async function askForOne(client: S3Client, bucket: string): Promise<void> {
  const one = new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1 })
  await withPatience(answerPatienceMs, (abortSignal) => client.send(one, { abortSignal }))
}

async function* listObjects(client: S3Client, bucket: string, prefix: string): AsyncIterable<ListedBlob> {
  let from: string | undefined
  do {
    const ask = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: from })
    const page = await guarded(() =>
      withPatience(piecePatienceMs, (abortSignal) => client.send(ask, { abortSignal })),
    )
    for (const { Key, Size } of page.Contents ?? [])
      if (Key !== undefined && isBlobKey(Key)) yield { key: Key, size: Size ?? 0 }
    from = page.IsTruncated ? page.NextContinuationToken : undefined
  } while (from !== undefined)
}

async function abortUnfinished(client: S3Client, bucket: string): Promise<void> {
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))
  for (const { Key, UploadId, Initiated } of Uploads) {
    if (!Initiated || Date.now() - Initiated.getTime() < unfinishedLifeMs) continue
    await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }))
  }
}

function nullWhenAbsent(error: unknown): null {
  if (isAbsent(error)) return null
  throw error
}
