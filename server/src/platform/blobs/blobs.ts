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

/**
 * A named place for objects that never change under their key.
 * Keys are relative paths of plain characters; nothing of a request becomes a key unchecked.
 */
export interface BlobStore {
  readonly name: string
  /** Takes the file over (moved or copied). Resolves when it is durable; readers see all of it or nothing. */
  putFile(key: string, path: string, options: { type: string }): Promise<void>
  open(key: string, range?: ByteRange): Promise<OpenBlob | null>
  stat(key: string): Promise<BlobFacts | null>
  /** No error when there is nothing. */
  delete(key: string): Promise<void>
  list(prefix: string): AsyncIterable<{ key: string; size: number }>
  /** Where the object lies on this machine; null for engines that have no files. */
  localPath(key: string): string | null
  /** False when less than the reserve would be left, so that uploads stop before the database does. */
  hasRoom(bytes: number): Promise<boolean>
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
  json: 'application/json',
  zip: 'application/zip',
  vtt: 'text/vtt',
}

export function typeOfBlob(key: string): string {
  return types[key.slice(key.lastIndexOf('.') + 1).toLowerCase()] ?? 'application/octet-stream'
}
