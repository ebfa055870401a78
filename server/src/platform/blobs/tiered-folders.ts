import type { BlobStore } from './blobs.ts'
import { carryBlob, tidyCarried } from './carry.ts'
import { createLayeredStore } from './layered-store.ts'

/** Two folders, the second on cheaper disks: what is cold lies there, and is read from there as if it lay here. */
export function createTieredFolders(options: {
  name: string
  hot: BlobStore
  cold: BlobStore
  /** A folder for copies under way. */
  scratch: string
}): BlobStore {
  const { name, hot, cold, scratch } = options
  const layered = createLayeredStore(name, [hot, cold])
  return {
    ...layered,
    async tidy() {
      await layered.tidy()
      await tidyCarried(scratch)
    },
    async setTier(key, tier) {
      if (tier === 'warm') return false
      const [to, from] = tier === 'hot' ? [hot, cold] : [cold, hot]
      if ((await from.stat(key)) === null) return (await to.stat(key)) !== null
      return (await carryBlob(key, { from, to, scratch })) === 'moved'
    },
  }
}
