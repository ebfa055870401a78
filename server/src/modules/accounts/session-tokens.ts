import { createHash, randomBytes } from 'node:crypto'
import type { Id } from '#platform/ids/ids.ts'

const idBytes = 8
const secretBytes = 32

export interface NewToken {
  /** Shown once, never kept. */
  token: string
  hash: Buffer
}

/** The account's id and 32 random bytes: the id leads to the bucket, so a look-up asks one shard. */
export function createToken(userId: Id): NewToken {
  const bytes = Buffer.alloc(idBytes + secretBytes)
  bytes.writeBigUInt64BE(BigInt(userId))
  randomBytes(secretBytes).copy(bytes, idBytes)
  return { token: bytes.toString('base64url'), hash: hashOf(bytes) }
}

/** Null when it cannot be one of ours. */
export function readToken(token: string): { userId: Id; hash: Buffer } | null {
  if (!/^[A-Za-z0-9_-]{54}$/.test(token)) return null
  const bytes = Buffer.from(token, 'base64url')
  const id = bytes.readBigUInt64BE()
  // Spellings that differ only in unused bits would be second tokens for one session.
  if (id >= 1n << 63n || bytes.toString('base64url') !== token) return null
  return { userId: id.toString(), hash: hashOf(bytes) }
}

/** The secret has 256 random bits: a fast hash is enough, nothing can be guessed. */
function hashOf(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest()
}
