/**
 * Tags of an ICC profile that name a device, its maker or how it was measured. Displays write serial numbers
 * here (Apple's `mmod`, the EDID in `meta`); no colour is computed from them.
 */
const deviceTags = new Set(['mmod', 'dmnd', 'dmdd', 'meta', 'targ'])

const tableStart = 132
const entryBytes = 12
const profileId = { start: 84, end: 100 }
/** More than any colour engine reads. */
const tagsMax = 100

interface Tag {
  entry: Buffer
  name: string
  start: number
  end: number
}

/**
 * The profile without what it says of a device, of the same length, so that it fits where it stood; the
 * same buffer when there is nothing to leave out. Undefined for what no colour engine would read.
 */
export function cleanProfile(profile: Buffer): Buffer | undefined {
  const tags = readTags(profile)
  if (!tags) return undefined
  const kept = tags.filter(({ name }) => !deviceTags.has(name))
  const cleaned = Buffer.alloc(profile.length)
  // Tags may share their bytes; what belongs to none of them is not copied.
  for (const { start, end } of kept) profile.copy(cleaned, start, start, end)
  const table = Buffer.alloc(tags.length * entryBytes)
  for (const [index, { entry }] of kept.entries()) entry.copy(table, index * entryBytes)
  profile.copy(cleaned, 0, 0, tableStart)
  table.copy(cleaned, tableStart)
  cleaned.writeUInt32BE(kept.length, tableStart - 4)
  if (cleaned.equals(profile)) return profile
  // A checksum of the whole; zero means that there is none.
  return cleaned.fill(0, profileId.start, profileId.end)
}

function readTags(profile: Buffer): Tag[] | undefined {
  if (profile.length < tableStart || profile.toString('latin1', 36, 40) !== 'acsp') return undefined
  const count = profile.readUInt32BE(tableStart - 4)
  if (count > tagsMax || tableStart + count * entryBytes > profile.length) return undefined
  return Array.from({ length: count }, (_, index) => {
    const at = tableStart + index * entryBytes
    const start = profile.readUInt32BE(at + 4)
    const end = Math.min(profile.length, start + profile.readUInt32BE(at + 8))
    const entry = profile.subarray(at, at + entryBytes)
    return { entry, name: entry.toString('latin1', 0, 4), start: Math.min(start, end), end }
  })
}
