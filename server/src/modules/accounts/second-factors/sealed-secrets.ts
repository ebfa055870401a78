import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { Id } from '#platform/ids/ids.ts'

/** Secrets that must be read again, and so cannot be hashed: useless to whoever has the database alone. */
export interface SealedSecrets {
  seal(userId: Id, secret: Buffer): Buffer
  /** Throws for what was sealed for another account, with another key, or changed. */
  open(userId: Id, sealed: Buffer): Buffer
}

/** So that another way of sealing can stand beside this one. */
const version = 1
const nonceBytes = 12
const tagBytes = 16

/** AES-256-GCM; the account is authenticated with it, so that no row can be moved to another account. */
export function createSealedSecrets(key: Buffer): SealedSecrets {
  const boundTo = (userId: Id) => Buffer.from(`${version} ${userId}`)
  return {
    seal(userId, secret) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
      cipher.setAAD(boundTo(userId))
      const sealed = Buffer.concat([cipher.update(secret), cipher.final()])
      return Buffer.concat([Buffer.of(version), nonce, cipher.getAuthTag(), sealed])
    },
    open(userId, sealed) {
      if (sealed[0] !== version || sealed.length < 1 + nonceBytes + tagBytes)
        throw new Error('This is not a secret that was sealed here')
      const nonce = sealed.subarray(1, 1 + nonceBytes)
      const tag = sealed.subarray(1 + nonceBytes, 1 + nonceBytes + tagBytes)
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
      decipher.setAAD(boundTo(userId))
      decipher.setAuthTag(tag)
      return Buffer.concat([decipher.update(sealed.subarray(1 + nonceBytes + tagBytes)), decipher.final()])
    },
  }
}
