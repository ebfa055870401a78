import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'

export interface BlobFacts {
  size: number
  /** MIME type, told by the key's ending. */
  type: string
  /** Quoted, as in the header. */
  etag: string
  lastModified: Date
}

export interface OpenBlob extends BlobFacts {
  /** Of the range when one was asked for; `size` stays that of the whole. */
  stream: Readable
}

/** Both ends count, as in a Range header. */
export interface ByteRange {
  start: number
  end: number
}

/** What was put, counted and hashed on its way: proof for later that it is there and whole. */
export interface StoredObject {
  key: string
  bytes: number
  /** Hexadecimal. */
  sha256: string
}

export interface ListedBlob {
  key: string
  size: number
}

/** Where an object lies by how often it is asked for. A store without such places has only hot ones. */
export const tiers = ['hot', 'warm', 'cold'] as const
export type Tier = (typeof tiers)[number]

/**
 * A named place for objects that never change under their key.
 * Keys are relative paths of plain characters; nothing of a request becomes a key unchecked.
 * Rejects with `server.unavailable` while the place is away, and with `server.storage_full` when it has no room.
 */
export interface BlobStore {
  readonly name: string
  /** Takes the file over (moved or copied). Resolves when it is durable; readers see all of it or nothing. */
  putFile(key: string, path: string, options: { type: string }): Promise<StoredObject>
  open(key: string, range?: ByteRange): Promise<OpenBlob | null>
  stat(key: string): Promise<BlobFacts | null>
  /** No error when there is nothing. */
  delete(key: string): Promise<void>
  /** In as few requests as the place allows. After an error some are gone: ask again for all of them. */
  deleteMany(keys: readonly string[]): Promise<void>
  /** By key, ascending. */
  list(prefix: string): AsyncIterable<ListedBlob>
  /**
   * Makes the object readable at a path that does not exist yet: linked where that is possible, else copied. It stays
   * when the object goes, and must not be changed. False: there is no such object.
   */
  copyTo(key: string, path: string): Promise<boolean>
  /** False when less than the reserve would be left, so that uploads stop before the database does. */
  hasRoom(bytes: number): Promise<boolean>
  /** Where the object is to lie from now on; false when the store has no such place or no such object. */
  setTier(key: string, tier: Tier): Promise<boolean>
  /** Resolves when the place can be used. */
  check(): Promise<void>
  /** Removes what puts left behind that were never finished. */
  tidy(): Promise<void>
  close(): void
}

const keyPart = /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,199}$/

export function isBlobKey(key: string): boolean {
  return key.length <= 500 && key.split('/').every((part) => keyPart.test(part))
}

export function requireBlobKey(key: string): void {
  if (!isBlobKey(key)) throw new TypeError('not a blob key')
}

const types: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  avif: 'image/avif',
  gif: 'image/gif',
  heic: 'image/heic',
  mp4: 'video/mp4',
  m4a: 'audio/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
  mkv: 'video/x-matroska',
  m4s: 'video/iso.segment',
  m3u8: 'application/vnd.apple.mpegurl',
  json: 'application/json',
  zip: 'application/zip',
  vtt: 'text/vtt',
}

export function typeOfBlob(key: string): string {
  return types[key.slice(key.lastIndexOf('.') + 1).toLowerCase()] ?? 'application/octet-stream'
}

export async function hashFile(path: string): Promise<Omit<StoredObject, 'key'>> {
  return await hashStream(createReadStream(path, { highWaterMark: 256 * 1024 }))
}

export async function hashStream(stream: AsyncIterable<Buffer>): Promise<Omit<StoredObject, 'key'>> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of stream) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { bytes, sha256: hash.digest('hex') }
}

/** Reads all of it; null when there is no such object. */
export async function hashBlob(store: BlobStore, key: string): Promise<StoredObject | null> {
  const blob = await store.open(key)
  return blob === null ? null : { key, ...(await hashStream(blob.stream)) }
}
