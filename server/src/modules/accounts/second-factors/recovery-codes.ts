import { randomBytes } from 'node:crypto'
import { hashCode } from '../passwords.ts'

/** Crockford's base32: nothing in it is taken for something else, and it has 5 bits a letter. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
const codeLength = 10
const setSize = 10
const saltBytes = 16

/** Ten codes of 50 random bits each, as they are shown. */
export function createRecoveryCodes(): string[] {
  return Array.from({ length: setSize }, () => {
    const code = Array.from(randomBytes(codeLength), (byte) => alphabet[byte & 31]).join('')
    return `${code.slice(0, codeLength / 2)}-${code.slice(codeLength / 2)}`
  })
}

export function createSalt(): Buffer {
  return randomBytes(saltBytes)
}

/** As costly as a password: 50 bits could be tried through by whoever has the database. */
export function hashRecoveryCode(code: string, salt: Buffer): Promise<Buffer> {
  return hashCode(plainForm(code), salt)
}

/** Capitals, dashes, and letters that look like digits do no harm. */
function plainForm(code: string): string {
  return code.toLowerCase().replace(/[\s-]/g, '').replace(/o/g, '0').replace(/[il]/g, '1')
}
