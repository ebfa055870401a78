import { createHash, type Hash } from 'node:crypto'
import { fault } from '#platform/http/fault.ts'

/** What a sender says its bytes are. */
export interface Checksum {
  algorithm: (typeof checksumAlgorithms)[number]
  digest: Buffer
}

/** sha1 is the one that the protocol asks for; nothing here depends on nobody being able to forge it. */
export const checksumAlgorithms = ['sha1', 'sha256'] as const

const digestBytes: Record<Checksum['algorithm'], number> = { sha1: 20, sha256: 32 }

/** Upload-Checksum of the tus protocol: of the bytes of one request. */
export function readChecksum(header: string | null): Checksum | null {
  if (header === null) return null
  const [name, base64 = '', ...more] = header.trim().split(' ')
  const algorithm = checksumAlgorithms.find((known) => known === name)
  const digest = Buffer.from(base64, 'base64')
  if (algorithm && digest.length === digestBytes[algorithm] && more.length === 0) return { algorithm, digest }
  throw fault('upload.protocol', {
    detail: `Upload-Checksum must be one of ${checksumAlgorithms.join(', ')} and the digest in base64.`,
  })
}

/** `sha256` of Upload-Metadata: of the whole file, in hexadecimal. */
export function readWholeChecksum(metadata: Record<string, string | null> | undefined): string | null {
  const given = metadata?.sha256
  if (given === undefined) return null
  if (given && /^[0-9a-f]{64}$/i.test(given)) return given.toLowerCase()
  throw fault('upload.protocol', { detail: 'The sha256 of the file must be 64 hexadecimal digits.' })
}

export function hashFor(checksum: Checksum | null): Hash | null {
  return checksum && createHash(checksum.algorithm)
}

/** What was told of nothing is true of everything. */
export function isAsTold(checksum: Checksum | null, hash: Hash | null): boolean {
  return checksum === null || hash === null || hash.digest().equals(checksum.digest)
}
