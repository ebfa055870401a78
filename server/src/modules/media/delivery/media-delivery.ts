import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AccountRow, AccountsApi } from '#modules/accounts'
import type { BlobFacts, BlobStore, ByteRange } from '#platform/blobs/blobs.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import { parseRange } from '#platform/http/byte-range.ts'
import { fault } from '#platform/http/fault.ts'
import type { Http } from '#platform/http/http.ts'
import { isId } from '#platform/ids/ids.ts'
import type { Log } from '#platform/telemetry/log.ts'
import { folderOfPlaylist, isRenditionKey, mediaIdOfKey, renderingOfKey, typeOfKey } from '../media-keys.ts'
import { type DeliveryRow, findForDelivery } from '../media-repository.ts'
import type { MediaReads } from '../storage/media-reads.ts'
import { type AddressParts, isOpenExpiry, isTimed, type MediaAddresses } from './media-addresses.ts'
import type { Originals } from './media-originals.ts'

export interface DeliveryDeps {
  database: Database
  accounts: AccountsApi
  blobs: BlobStore
  addresses: MediaAddresses
  originals: Originals
  reads: Pick<MediaReads, 'note'>
  clock: Clock
  log: Log
}

interface AddressParams {
  expiry: string
  account: string
  epoch: string
  signature: string
  '*': string
}

/**
 * Every byte of a picture leaves here. Nothing is remembered between requests: whoever takes sight away
 * (deletes, goes private, is suspended) is right from the commit on.
 */
export function deliverMedia(http: Http, deps: DeliveryDeps): void {
  http.app.route<{ Params: AddressParams }>({
    method: ['GET', 'HEAD'],
    url: '/m/:expiry/:account/:epoch/:signature/*',
    handler: async (request, reply) => {
      const { '*': key, ...rest } = request.params
      const { row, owner } = await admit(deps, { ...rest, key })
      deps.reads.note(row.id)
      if (row.original_key === key) {
        // Making one decodes the master.
        await http.spend(request, 'read', null)
        await deps.originals.ensure({ ...row, original_key: key })
      }
      return await send(deps, {
        request,
        reply,
        key,
        reach: reachOf({ ...rest, key }, row, owner),
        expiry: rest.expiry,
      })
    },
  })
}

async function admit(
  deps: DeliveryDeps,
  parts: AddressParts,
): Promise<{ row: DeliveryRow; owner: AccountRow }> {
  const { database, accounts, addresses } = deps
  if (addresses.verify(parts) !== 'valid') throw fault('media.address')
  const mediaId = mediaIdOfKey(parts.key)
  if (!mediaId || !isId(mediaId)) throw fault('media.not_found')
  const [row, owner] = await Promise.all([
    findForDelivery(database.main, mediaId),
    accounts.findByIds([parts.account], database.main).then((found) => found.get(parts.account)),
  ])
  if (!owner || row?.owner_id !== parts.account || !isOf(row, parts.key)) {
    throw fault('media.not_found')
  }
  if (row.revoked_at !== null) throw fault('media.gone')
  // Raised when sight is taken away: addresses that were handed out before end here.
  if (owner.state !== 'active' || String(owner.sightEpoch) !== parts.epoch) throw fault('media.address')
  return { row, owner }
}

/** The master is not among them, so no address leads to it. */
function isOf(row: DeliveryRow, key: string): boolean {
  const pictures = [row.thumbnail_key, row.medium_key, row.large_key, row.fallback_key, row.original_key]
  if ([...pictures, row.video_key, row.audio_key, row.captions_key].includes(key)) return true
  if (row.lingering_token !== null && isRenditionKey(key)) {
    if (renderingOfKey(key)?.token === row.lingering_token) return true
  }
  return row.hls_key !== null && folderOfPlaylist(row.hls_key) === folderOfPlaylist(key)
}

/** `timed`: until the address ends, everybody's to keep and nobody else's to show. */
type Reach = 'open' | 'limited' | 'timed'

function reachOf({ key, expiry }: AddressParts, { purpose }: DeliveryRow, owner: AccountRow): Reach {
  if (isTimed({ key, expiry })) return 'timed'
  // No address of a message is open, whatever hour it ends at.
  const mayBeOpen = purpose === 'avatar' || (purpose === 'media' && !owner.isPrivate)
  return mayBeOpen && isOpenExpiry(expiry) ? 'open' : 'limited'
}

interface Answer {
  request: FastifyRequest
  reply: FastifyReply
  key: string
  reach: Reach
  expiry: string
}

async function send({ blobs, clock, log }: DeliveryDeps, answer: Answer): Promise<FastifyReply> {
  const { request, reply, key } = answer
  // Most ask for all of it, without conditions: that is one request to the store instead of two.
  const whole = isPlain(request) ? await blobs.open(key) : null
  const facts = whole ?? (await blobs.stat(key))
  if (facts === null) {
    log.error({ key }, 'an object is missing')
    throw fault('media.not_found')
  }
  setHeaders(reply, answer, facts, clock.now())
  if (whole !== null) return reply.header('content-length', facts.size).send(whole.stream)
  if (isUnchanged(request, key, facts)) return reply.code(304).send()
  const range = wantedRange(request, key, facts)
  if (range === 'unsatisfiable') {
    // A refusal of this range alone: kept under the address it would stand for the whole of it.
    reply.headers({ 'cache-control': 'no-store', 'content-range': `bytes */${facts.size}` })
    return reply.code(416).send()
  }
  const isPart = range !== 'whole'
  const length = isPart ? range.end - range.start + 1 : facts.size
  reply.code(isPart ? 206 : 200).header('content-length', length)
  if (isPart) reply.header('content-range', `bytes ${range.start}-${range.end}/${facts.size}`)
  if (request.method === 'HEAD') return reply.send()
  const object = await blobs.open(key, isPart ? range : undefined)
  if (object === null) throw fault('media.not_found')
  return reply.send(object.stream)
}

function setHeaders(
  reply: FastifyReply,
  { key, reach, expiry }: Answer,
  facts: BlobFacts,
  now: number,
): void {
  // Rounded up: what is kept for so long must be gone when the address ends.
  const left = Math.max(0, Number(expiry) - Math.ceil(now / 1000))
  reply.headers({
    'content-type': typeOfKey(key),
    'cache-control':
      reach === 'limited' ? `private, max-age=${Math.min(left, 3600)}` : `public, max-age=${left}, immutable`,
    etag: etagOf(key),
    'last-modified': facts.lastModified.toUTCString(),
    'accept-ranges': 'bytes',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "sandbox; default-src 'none'",
    // Open ones are shown by other sites' link previews too.
    'cross-origin-resource-policy': reach === 'open' ? 'cross-origin' : 'same-origin',
  })
}

/**
 * The same wherever the object lies: a key's content never changes, and a store's own tag does when the object is
 * carried to another place.
 */
function etagOf(key: string): string {
  return `"${createHash('sha256').update(key).digest('base64url').slice(0, 22)}"`
}

const conditions = ['range', 'if-range', 'if-none-match', 'if-modified-since'] as const

function isPlain({ method, headers }: FastifyRequest): boolean {
  return method === 'GET' && conditions.every((name) => headers[name] === undefined)
}

function isUnchanged(request: FastifyRequest, key: string, facts: BlobFacts): boolean {
  const match = request.headers['if-none-match']
  if (match !== undefined) {
    const etag = etagOf(key)
    return match.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag)
  }
  const since = Date.parse(request.headers['if-modified-since'] ?? '')
  return Number.isFinite(since) && Math.floor(facts.lastModified.getTime() / 1000) * 1000 <= since
}

function wantedRange(
  request: FastifyRequest,
  key: string,
  facts: BlobFacts,
): ByteRange | 'whole' | 'unsatisfiable' {
  // Ranges are for GET alone (RFC 9110, 14.2). A tag that is only weakly the same does not let parts be put together.
  if (request.method !== 'GET') return 'whole'
  const condition = request.headers['if-range']
  if (condition !== undefined && condition !== etagOf(key)) return 'whole'
  return parseRange(request.headers.range, facts.size)
}
