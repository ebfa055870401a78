import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import type {
  PasskeyAssertion,
  PasskeyAttestation,
  PasskeyCreation,
  PasskeyRequest,
} from '@heliograph/contract/second-factors'

/** What a page and an authenticator together do, without a browser: ES256, and no statement of who made it. */
export interface Authenticator {
  create(options: PasskeyCreation, odd?: Oddities): PasskeyAttestation
  get(options: PasskeyRequest, odd?: Oddities): PasskeyAssertion
}

export interface Oddities {
  /** Of the page that asks. */
  origin?: string
  /** What the authenticator believes to be asked by. */
  rpId?: string
  /** The person showed no finger, face or number. */
  isUnattended?: boolean
  /** Instead of one more than before. */
  counter?: number
}

interface Credential {
  id: string
  privateKey: KeyObject
}

/** `counts`: it counts its uses, as keys to carry do; passkeys that are copied to all devices do not. */
export function createAuthenticator({
  origin,
  counts = true,
}: {
  origin: string
  counts?: boolean
}): Authenticator {
  const credentials: Credential[] = []
  let uses = 0

  function dataOf(rpId: string, { isUnattended, counter }: Oddities, attested?: Buffer): Buffer {
    if (counts) uses++
    const data = Buffer.alloc(37)
    sha256(Buffer.from(rpId)).copy(data)
    data[32] = 0x01 | (isUnattended ? 0 : 0x04) | (attested ? 0x40 : 0)
    data.writeUInt32BE(counter ?? uses, 33)
    return attested ? Buffer.concat([data, attested]) : data
  }

  const clientDataOf = (type: string, challenge: string, odd: Oddities) =>
    Buffer.from(JSON.stringify({ type, challenge, origin: odd.origin ?? origin, crossOrigin: false }))

  return {
    create({ challenge, rp }, odd = {}) {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const id = randomBytes(16)
      credentials.push({ id: id.toString('base64url'), privateKey })
      const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
      const attested = Buffer.concat([Buffer.alloc(16), Buffer.of(0, id.length), id, coseKey(x, y)])
      const authData = dataOf(odd.rpId ?? rp.id, odd, attested)
      return {
        id: id.toString('base64url'),
        clientDataJSON: clientDataOf('webauthn.create', challenge, odd).toString('base64url'),
        attestationObject: noStatement(authData).toString('base64url'),
        transports: ['internal'],
      }
    },

    get({ challenge, rpId, allowCredentials }, odd = {}) {
      const allowed = new Set(allowCredentials.map(({ id }) => id))
      const credential = credentials.find(({ id }) => allowed.size === 0 || allowed.has(id)) ?? credentials[0]
      if (!credential) throw new Error('the authenticator has no passkey')
      const authData = dataOf(odd.rpId ?? rpId, odd)
      const clientData = clientDataOf('webauthn.get', challenge, odd)
      const signature = sign('sha256', Buffer.concat([authData, sha256(clientData)]), credential.privateKey)
      return {
        id: credential.id,
        clientDataJSON: clientData.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        signature: signature.toString('base64url'),
      }
    },
  }
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest()
}

/** CBOR: { 1: 2, 3: -7, -1: 1, -2: x, -3: y } */
function coseKey(x: string, y: string): Buffer {
  const point = (key: number, value: string) =>
    Buffer.concat([Buffer.of(key, 0x58, 32), Buffer.from(value, 'base64url')])
  return Buffer.concat([Buffer.of(0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01), point(0x21, x), point(0x22, y)])
}

/** CBOR: { fmt: "none", attStmt: {}, authData } */
function noStatement(authData: Buffer): Buffer {
  const text = (word: string) => Buffer.concat([Buffer.of(0x60 + word.length), Buffer.from(word)])
  const size = Buffer.of(0x59, authData.length >> 8, authData.length & 0xff)
  return Buffer.concat([
    Buffer.of(0xa3),
    text('fmt'),
    text('none'),
    text('attStmt'),
    Buffer.of(0xa0),
    text('authData'),
    size,
    authData,
  ])
}
