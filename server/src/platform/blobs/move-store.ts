import type { StorePlace } from '#config/storage.ts'
import { carryBlob } from './carry.ts'
import type { StorePlaces } from './stores.ts'

export interface MoveReport {
  objects: number
  bytes: number
  /** Deleted while they were on the way. */
  gone: number
  /** Left where they are, because somebody else was carrying them: the next move finds them. */
  busy: number
}

/** Copies at once. */
const width = 4

/**
 * Carries every object of a store to its home, while people go on: both places are looked at for reads, and new objects
 * go to the home. What is still in the other place is what is left to do, so it can be stopped at any moment and run again.
 */
export async function moveStore(
  places: StorePlaces,
  options: { to: StorePlace; onProgress?: (report: MoveReport) => void },
): Promise<MoveReport> {
  const { folder, s3, scratch } = places
  const report: MoveReport = { objects: 0, bytes: 0, gone: 0, busy: 0 }
  if (s3 === null) return report
  const [from, to] = options.to === 's3' ? [folder, s3] : [s3, folder]
  const objects = from.list('')[Symbol.asyncIterator]()
  const worker = async () => {
    for (let next = await objects.next(); !next.done; next = await objects.next()) {
      const { key, size } = next.value
      const carried = await carryBlob(key, { from, to, scratch })
      if (carried !== 'moved') report[carried] += 1
      else {
        report.objects += 1
        report.bytes += size
      }
      options.onProgress?.(report)
    }
  }
  // None is at an object any more when this ends: another move would leave that one alone.
  const ended = await Promise.allSettled(Array.from({ length: width }, worker))
  for (const one of ended) if (one.status === 'rejected') throw one.reason
  return report
}
