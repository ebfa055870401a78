import { createECDH } from 'node:crypto'

export interface VapidKeys {
  /** base64url; uncompressed. */
  publicKey: string
  privateKey: string
  /** Whom a push service may ask about this server. */
  subject: string
}

/**
 * The key pair follows from the server's secret, so it is the same at every start and in every process. Of all secrets of
 * 32 bytes one in four thousand million is no key of P-256: such a server would say so at its first start.
 */
export function vapidKeysOf(secret: Buffer, publicUrl: string): VapidKeys {
  const pair = createECDH('prime256v1')
  pair.setPrivateKey(secret)
  return {
    publicKey: pair.getPublicKey('base64url'),
    privateKey: secret.toString('base64url'),
    // RFC 8292: https or mailto.
    subject: publicUrl.startsWith('https://') ? publicUrl : 'mailto:nobody@localhost',
  }
}
