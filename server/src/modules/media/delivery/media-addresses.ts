import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import type { Avatar } from '@heliograph/contract/accounts'
import type { UploadPurpose } from '@heliograph/contract/media'
import { LRUCache } from 'lru-cache'
import type { z } from 'zod'
import type { Clock } from '#platform/clock/clock.ts'
import type { Id } from '#platform/ids/ids.ts'
import type { Keys } from '#platform/secrets/secrets.ts'
import { avatarKeys, renderingOfKey, storiesFolder } from '../media-keys.ts'

// `/m/<expiry>/<account>/<epoch>/<signature>/<folder>/<file>`: the signature covers the folder and which rendering of which
// medium it is, so an edge can check it without us, the sizes in a folder share it, and relative names inside a folder that
// plays work. It opens no other medium: whoever knew a name while a post was theirs to see cannot open it with the signature
// of one that still is.

export interface AddressOwner {
  id: Id
  sightEpoch: number
}

export interface AddressParts {
  expiry: string
  account: string
  epoch: string
  signature: string
  key: string
}

export type AddressVerdict = 'valid' | 'expired' | 'forged'

export interface MediaAddresses {
  /** `open`: cacheable by anybody until the end of next month; otherwise good until the end of the next hour. */
  sign(key: string, owner: AddressOwner, reach: 'open' | 'limited'): string
  /**
   * Good until the second that this moment lies in begins, and never after it; of a private account no longer than limited ones,
   * as whoever unfollows keeps what they were given. Null: as limited ones.
   */
  signUntil(key: string, owner: AddressOwner & { isPrivate: boolean }, until: Date | null): string
  verify(parts: AddressParts): AddressVerdict
  /** `avatarKey` is what `accounts` keeps of a picture. As visible as the name beside it: always open. */
  avatar(owner: AddressOwner, avatarKey: string): z.output<typeof Avatar>
}

const signatureBytes = 16

export function createMediaAddresses({ keys, clock }: { keys: Keys; clock: Clock }): MediaAddresses {
  // An HMAC with a key that is set up once takes 3 µs instead of 21.
  const [secret, ...old] = keys.map((key) => createSecretKey(key)) as [KeyObject, ...KeyObject[]]
  const macOf = (text: string, by: KeyObject) =>
    createHmac('sha256', by).update(text).digest().subarray(0, signatureBytes)
  // Signatures repeat until the expiry moves on.
  const signatures = new LRUCache<string, string>({ max: 10_000 })

  function signature(expiry: string, account: string, epoch: string, scope: string): string {
    const text = `${expiry}/${account}/${epoch}/${scope}`
    const known = signatures.get(text)
    if (known) return known
    const made = macOf(text, secret).toString('base64url')
    signatures.set(text, made)
    return made
  }

  function signWith(key: string, owner: AddressOwner, end: number): string {
    const expiry = String(end)
    const epoch = String(owner.sightEpoch)
    return `/m/${expiry}/${owner.id}/${epoch}/${signature(expiry, owner.id, epoch, scopeOf(key) ?? key)}/${key}`
  }

  function sign(key: string, owner: AddressOwner, reach: 'open' | 'limited'): string {
    const now = clock.now()
    return signWith(key, owner, reach === 'open' ? openExpiry(now) : limitedExpiry(now))
  }

  return {
    sign,
    signUntil(key, owner, until) {
      if (until === null) return sign(key, owner, 'limited')
      // Marks of what is revoked are kept no longer than addresses can last.
      const now = clock.now()
      const latest = owner.isPrivate ? limitedExpiry(now) : Math.floor(now / 1000) + longestUntil
      return signWith(key, owner, Math.max(0, Math.min(latest, Math.floor(until.getTime() / 1000))))
    },
    verify({ expiry, account, epoch, signature: given, key }) {
      const scope = scopeOf(key)
      if (!/^[0-9]{1,12}$/.test(expiry) || scope === undefined) return 'forged'
      const text = `${expiry}/${account}/${epoch}/${scope}`
      const offered = Buffer.from(given, 'base64url')
      // Of several spellings of the same bytes one is ours.
      if (offered.length !== signatureBytes || offered.toString('base64url') !== given) return 'forged'
      if (![secret, ...old].some((by) => timingSafeEqual(offered, macOf(text, by)))) return 'forged'
      return Number(expiry) * 1000 > clock.now() ? 'valid' : 'expired'
    },
    avatar(owner, avatarKey) {
      const keys = avatarKeys(avatarKey)
      return {
        small: sign(keys.small, owner, 'open'),
        medium: sign(keys.medium, owner, 'open'),
        large: sign(keys.large, owner, 'open'),
      }
    },
  }
}

/** Seconds: the first moment of the month after next. Always a full hour, which limited ones never are. */
export function openExpiry(now: number): number {
  const date = new Date(now)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 2, 1) / 1000
}

/** Seconds: the last second of the next hour, so that addresses stay the same for at least an hour's use. */
export function limitedExpiry(now: number): number {
  return (Math.floor(now / 3_600_000) + 2) * 3600 - 1
}

/** Milliseconds: until then the same address is signed; at the latest in the middle of its life another one. */
export function addressesChangeAt(isPublic: boolean, now: number): number {
  if (!isPublic) return (Math.floor(now / 3_600_000) + 1) * 3_600_000
  const date = new Date(now)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1)
}

/** Seconds from now to the end of the longest address that is good until a moment: a Story's, and an hour for clocks. */
const longestUntil = 25 * 3600
const longestLimited = 2 * 3600

/**
 * Seconds from now to the end of the longest address of such a medium; null: that of open ones. Marks lie at every edge for so
 * long: of Stories for months they would be millions of needless ones.
 */
export function longestOf(purpose: UploadPurpose): number | null {
  if (purpose === 'story') return longestUntil
  return purpose === 'message' || purpose === 'voice' ? longestLimited : null
}

/**
 * Of a Story, whose address ends with it, everybody may keep until then what they were given; of one that is over, and kept in an
 * archive or a highlight, nobody else than who was shown it. As in edge/heliograph-edge.js.
 */
export function isTimed({ key, expiry }: Pick<AddressParts, 'key' | 'expiry'>): boolean {
  return key.startsWith(`${storiesFolder}/`) && Number(expiry) % 3600 !== 3599
}

export function isOpenExpiry(expiry: string): boolean {
  return Number(expiry) % 3600 === 0
}

/** What a signature opens; undefined for what is no name of a medium. As in edge/heliograph-edge.js. */
function scopeOf(key: string): string | undefined {
  const rendering = renderingOfKey(key)
  if (!rendering) return undefined
  const folder = key.slice(0, Math.max(0, key.lastIndexOf('/')))
  return `${folder}/${rendering.mediaId}_${rendering.token}`
}
