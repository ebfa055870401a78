import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { Id } from '#platform/ids/ids.ts'
import type { Keys } from '#platform/secrets/secrets.ts'

/** Secrets that must be read again, and so cannot be hashed: useless to whoever has the database alone. */
export interface SealedSecrets {
  seal(userId: Id, secret: Buffer): Buffer
  /** Throws for what was sealed for another account, with another key, or changed. */
  open(userId: Id, sealed: Buffer): Buffer
  /** Null: it is sealed with the key that is used now. Throws as `open` does. */
  reseal(userId: Id, sealed: Buffer): Buffer | null
}

/** So that another way of sealing can stand beside this one. */
const version = 1
const nonceBytes = 12
const tagBytes = 16

/** AES-256-GCM; the account is authenticated with it, so that no row can be moved to another account. */
export function createSealedSecrets(keys: Keys): SealedSecrets {
  const boundTo = (userId: Id) => Buffer.from(`${version} ${userId}`)

  const seal: SealedSecrets['seal'] = (userId, secret) => {
    const nonce = randomBytes(nonceBytes)
    const cipher = createCipheriv('aes-256-gcm', keys[0], nonce, { authTagLength: tagBytes })
    cipher.setAAD(boundTo(userId))
    const sealed = Buffer.concat([cipher.update(secret), cipher.final()])
    return Buffer.concat([Buffer.of(version), nonce, cipher.getAuthTag(), sealed])
  }

  function openWith(key: Buffer, userId: Id, sealed: Buffer): Buffer {
    if (sealed[0] !== version || sealed.length < 1 + nonceBytes + tagBytes)
      throw new Error('This is not a secret that was sealed here')
    const nonce = sealed.subarray(1, 1 + nonceBytes)
    const tag = sealed.subarray(1 + nonceBytes, 1 + nonceBytes + tagBytes)
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
    decipher.setAAD(boundTo(userId))
    decipher.setAuthTag(tag)
    return Buffer.concat([decipher.update(sealed.subarray(1 + nonceBytes + tagBytes)), decipher.final()])
  }

  /** By the first key that opens it; the tag tells. */
  function unseal(userId: Id, sealed: Buffer): { key: Buffer; secret: Buffer } {
    let reason: unknown
    for (const key of keys)
      try {
        return { key, secret: openWith(key, userId, sealed) }
      } catch (error) {
        reason ??= error
      }
    throw reason
  }

  return {
    seal,
    open: (userId, sealed) => unseal(userId, sealed).secret,
    reseal(userId, sealed) {
      const { key, secret } = unseal(userId, sealed)
      return key === keys[0] ? null : seal(userId, secret)
    },
  }
}
