// Checks addresses of media inside nginx (njs 0.7 or later), exactly as server/src/modules/media/delivery/media-addresses.ts
// signs them: HMAC-SHA-256 over `expiry/account/epoch/folder/medium_rendering`, the first 16 bytes, base64url.

import crypto from 'crypto'
import fs from 'fs'

const form =
  /^\/m\/([0-9]{1,12})\/([0-9]{1,19})\/([0-9]{1,10})\/([A-Za-z0-9_-]{22})\/([A-Za-z0-9_./-]{1,500})$/
/** With half a second that the origin may take to vouch, no revocation is missed for more than two. */
const vouchedMs = 1500
/** The medium and its rendering: the first part of a key that has such a name, a file's or a folder's. */
const stem = /(?:^|\/)([1-9][0-9]{0,18})_([A-Za-z0-9-]+)/

/** `valid`, `forged` or `expired`; sets the names that the configuration goes on with. */
function verdict(r) {
  // What is checked, what is asked of the origin and what is cached are one and the same text: an address with
  // escapes, dots or doubled slashes is none of ours.
  const asked = r.variables.request_uri.split('?')[0]
  const parts = form.exec(asked)
  if (!parts || asked !== r.uri || asked.indexOf('/.') !== -1 || asked.indexOf('//') !== -1) return 'forged'
  const expiry = parts[1]
  const key = parts[5]
  const name = stem.exec(key)
  if (!name) return 'forged'
  const folder = key.slice(0, Math.max(0, key.lastIndexOf('/')))
  const text = `${expiry}/${parts[2]}/${parts[3]}/${folder}/${name[1]}_${name[2]}`
  if (!isSigned(r, text, parts[4])) return 'forged'
  const left = Number(expiry) - Math.floor(Date.now() / 1000)
  if (left <= 0) return 'expired'
  describe(r, key, expiry)
  // With the account: only the origin knows whose a medium is. Whoever signs for one account must not find what is kept for
  // another.
  r.variables.heliograph_key = `${parts[2]}/${key}`
  r.variables.heliograph_medium = `media/${shard(name[1])}/${name[1]}`
  r.variables.heliograph_rendering = `renderings/${shard(name[1])}/${name[1]}_${name[2]}`
  r.variables.heliograph_sight = `epochs/${shard(parts[2])}/${parts[2]}_${parts[3]}`
  return 'valid'
}

/** Those of a Story end with it, whenever that is; those of messages are never open. */
function isOpenAddress(key, expiry) {
  return Number(expiry) % 3600 === 0 && !/^(?:stories|messages)\//.test(key)
}

/**
 * Headers that follow from the address. What the origin said of one address is kept with the object, and would be
 * wrong for the next one. Open addresses end at a full hour, limited ones in the last second of one; of a Story everybody may
 * keep what they were given until its address ends with it, but not of one that is over and kept.
 */
function describe(r, key, expiry) {
  const isOpen = isOpenAddress(key, expiry)
  // Rounded up: what is kept for so long must be gone when the address ends.
  const left = Math.max(0, Number(expiry) - Math.ceil(Date.now() / 1000))
  r.variables.heliograph_path = r.uri
  const mayBeKept = isOpen || (key.startsWith('stories/') && Number(expiry) % 3600 !== 3599)
  r.variables.heliograph_cache_control = mayBeKept
    ? `public, max-age=${left}, immutable`
    : `private, max-age=${Math.min(left, 3600)}`
  r.variables.heliograph_resource_policy = isOpen ? 'cross-origin' : 'same-origin'
}

/** While the origin changes its keys both are believed. */
function isSigned(r, text, given) {
  return r.variables.heliograph_secret.split(',').some((key) => {
    const secret = Buffer.from(key, 'base64url')
    const mac = crypto.createHmac('sha256', secret).update(text).digest().slice(0, 16).toString('base64url')
    return isSame(mac, given)
  })
}

/** The last two digits: no folder of marks grows past what file systems like. */
function shard(id) {
  return `0${id}`.slice(-2)
}

/** In a time that tells nothing of where they differ. */
function isSame(ours, theirs) {
  if (ours.length !== theirs.length) return false
  let difference = 0
  for (let at = 0; at < ours.length; at++) difference |= ours.charCodeAt(at) ^ theirs.charCodeAt(at)
  return difference === 0
}

/**
 * Empty while the origin vouches that this edge knows all revocations; else the origin is asked about every address.
 * The mark's time is this machine's own, so that clocks need not agree.
 */
function alone(r) {
  try {
    const age = Date.now() - fs.statSync(`${r.variables.heliograph_marks}/vouched`).mtimeMs
    // A clock that was set back vouches for nothing.
    return age > -1000 && age < vouchedMs ? '' : '1'
  } catch (_error) {
    return '1'
  }
}

export default { verdict, alone }
