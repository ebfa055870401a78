import { randomBytes } from 'node:crypto'

/** 96 random bits in the letters that keys may have: whoever knows a medium's id does not know its files. */
export function newToken(): string {
  return randomBytes(12).toString('hex')
}
