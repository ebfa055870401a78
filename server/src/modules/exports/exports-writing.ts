import { Readable } from 'node:stream'
import type { AccountsApi, ExportRoom, ExportWish } from '#modules/accounts'
import type { MediaApi } from '#modules/media'
import type { Clock } from '#platform/clock/clock.ts'
import { type Archive, createArchive } from './exports-archive.ts'
import { indexPage, type ListedPage, type PageOf } from './exports-pages.ts'
import { type PagesTo, writeMoments, writeTalks } from './exports-reading.ts'
import type { ExportPlace } from './exports-tables.ts'
import { jsonOf } from './exports-texts.ts'
import { exportWords } from './exports-words.ts'

export interface PartWish extends PageOf {
  wish: ExportWish
  /** Null: the first part, with all that is not a picture. */
  from: ExportPlace | null
  /** Names of files that parts before this one did not find. */
  missingBefore: readonly string[]
  /** A file that is not there yet. */
  path: string
  /** The next part begins where this one would be larger. */
  limitBytes: number
  signal: AbortSignal
  /** Bytes of this part; asked to be quick. */
  onProgress?(bytes: number): void
}

export interface WrittenPart {
  /** Null: it was the last one. */
  next: ExportPlace | null
  missing: string[]
}

export type WritePart = (wish: PartWish) => Promise<WrittenPart>

interface Deps {
  clock: Clock
  accounts: Pick<AccountsApi, 'exportRooms'>
  media: Pick<MediaApi, 'files'>
}

type RoomWithMedia = ExportRoom & Required<Pick<ExportRoom, 'media'>>

export function createWritePart({ clock, accounts, media }: Deps): WritePart {
  async function writeTexts(archive: Archive, { wish, ...of }: PartWish): Promise<void> {
    const at = new Date(clock.now())
    const add = (name: string, text: Iterable<string> | AsyncIterable<string>) => {
      of.signal.throwIfAborted()
      return archive.add({ name, content: Readable.from(text, { objectMode: false }), at })
    }
    const to: PagesTo = { add, namesOf: (ids) => media.files.namesOf(wish.id, ids) }
    const contents = {
      posts: [] as ListedPage[],
      stories: [] as ListedPage[],
      messages: [] as ListedPage[],
      data: [] as { file: string; about: string }[],
    }
    for (const room of accounts.exportRooms) {
      for (const data of room.data(wish)) {
        const file = `data/${data.name}.json`
        await add(file, jsonOf(data))
        contents.data.push({ file, about: data.about[of.language] })
      }
      const { name, moments, talks } = room
      if (moments && (name === 'posts' || name === 'stories'))
        contents[name] = await writeMoments(to, name, of, moments(wish))
      if (talks) contents.messages = await writeTalks(to, of, talks(wish))
    }
    await add('index.html', [indexPage(of, contents)])
    const day = at.toISOString().slice(0, 10)
    const about = contents.data.map((one) => `${one.file}: ${one.about}\n`).join('')
    await add('README.txt', [exportWords[of.language].readme(of.username, day, about)])
  }

  return async (wish) => {
    const { path, signal, limitBytes, from, onProgress } = wish
    const archive = createArchive(path, signal)
    const missing: string[] = []
    let isEmpty = true

    async function writeFiles(room: RoomWithMedia, begun: ExportPlace | null): Promise<ExportPlace | null> {
      let after = begun?.after ?? null
      let done = begun?.file ?? null
      for await (const { place, ids } of room.media(wish.wish, after)) {
        const files = await media.files.filesOf(wish.wish.id, ids)
        for (const file of files.slice(files.findIndex(({ name }) => name === done) + 1)) {
          signal.throwIfAborted()
          const blob = await file.open()
          if (blob === null) {
            missing.push(file.name)
            continue
          }
          if (!isEmpty && archive.size() + blob.size > limitBytes) {
            blob.stream.destroy()
            return { room: room.name, after, file: done }
          }
          await archive.add({ name: file.name, content: blob.stream, at: file.at, bytes: blob.size })
          isEmpty = false
          done = file.name
          onProgress?.(archive.size())
        }
        after = place
        done = null
      }
      return null
    }

    if (from === null) {
      await writeTexts(archive, wish)
      isEmpty = false
    }
    const rooms = accounts.exportRooms.filter((room): room is RoomWithMedia => room.media !== undefined)
    const first = from === null ? 0 : rooms.findIndex(({ name }) => name === from.room)
    for (const [at, room] of rooms.entries()) {
      if (at < first) continue
      const next = await writeFiles(room, from !== null && at === first ? from : null)
      if (next === null) continue
      await archive.close()
      return { next, missing }
    }
    const all = [...wish.missingBefore, ...missing]
    if (all.length > 0) {
      const text = [`${exportWords[wish.language].missing}\n\n${all.join('\n')}\n`]
      await archive.add({ name: 'missing.txt', content: Readable.from(text), at: new Date(clock.now()) })
    }
    await archive.close()
    return { next: null, missing }
  }
}
