import { createWriteStream } from 'node:fs'
import { finished, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { ZipFile } from 'yazl'

export interface ArchiveEntry {
  name: string
  content: Readable
  at: Date
  /** Of what is not pressed: pictures and films are small already. */
  bytes?: number
}

/** A ZIP file that is written entry after entry; of each no more than a piece is in memory. */
export interface Archive {
  /** What is on the disk by now. */
  size(): number
  /** Resolves when it is read to its end. */
  add(entry: ArchiveEntry): Promise<void>
  /** Resolves when the file is whole. */
  close(): Promise<void>
}

const whenFinished = promisify(finished)

export function createArchive(path: string, signal: AbortSignal): Archive {
  const zip = new ZipFile()
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600, highWaterMark: 256 * 1024 })
  const broken = new Promise<never>((_, reject) => zip.once('error', reject))
  const written = Promise.race([pipeline(zip.outputStream, file, { signal }), broken])
  // Whoever adds or closes hears of it.
  written.catch(() => file.destroy())
  const failure = written.then(() => new Promise<never>(() => undefined))
  failure.catch(() => undefined)

  return {
    size: () => file.bytesWritten,
    async add({ name, content, at, bytes }) {
      const isStored = bytes !== undefined
      zip.addReadStream(content, name, {
        mtime: at,
        compress: !isStored,
        ...(isStored && { size: bytes }),
      })
      try {
        await Promise.race([whenFinished(content, { writable: false }), failure])
      } catch (error) {
        content.destroy()
        file.destroy()
        throw error
      }
    },
    async close() {
      zip.end()
      await written
    },
  }
}
