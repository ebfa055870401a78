import type { ExportedMoment, ExportedSaying, ExportedTalk } from '#modules/accounts'
import type { MediaFileNames } from '#modules/media'
import type { Id } from '#platform/ids/ids.ts'
import { type ListedPage, momentsPage, type PageOf, talkPage } from './exports-pages.ts'
import { exportWords } from './exports-words.ts'

/** Where the pages go, and what files of media are called there. */
export interface PagesTo {
  add(name: string, text: Iterable<string>): Promise<void>
  namesOf(ids: readonly Id[]): Promise<ReadonlyMap<Id, MediaFileNames>>
}

/** So many posts on a page that a browser opens at once. */
const momentsOnPage = 60
const sayingsOnPage = 200

const mediaOf = (shown: readonly Pick<ExportedMoment, 'media'>[]) =>
  shown.flatMap(({ media }) => media.map(({ id }) => id))

/** A page at a time is in memory, whatever somebody has. */
export async function writeMoments(
  { add, namesOf }: PagesTo,
  name: 'posts' | 'stories',
  of: PageOf,
  moments: AsyncIterable<ExportedMoment>,
): Promise<ListedPage[]> {
  const written: ListedPage[] = []
  for await (const some of inPages(moments, momentsOnPage)) {
    const file = `${name}-${written.length + 1}.html`
    await add(file, [momentsPage(of, some, await namesOf(mediaOf(some)))])
    written.push({ file, ...spanOf(some) })
  }
  return written
}

/** Each conversation has pages of its own, the first of them the newest; those spoken in last stand first in the list. */
export async function writeTalks(
  { add, namesOf }: PagesTo,
  of: PageOf,
  talks: AsyncIterable<ExportedTalk>,
): Promise<ListedPage[]> {
  const written: ListedPage[] = []
  let number = 0
  for await (const talk of talks) {
    number += 1
    const fileOf = (at: number) => `messages-${number}${at === 1 ? '' : `-${at}`}.html`
    const title = titleOf(of, talk)
    let listed: ListedPage | null = null
    let at = 0
    const write = async (some: readonly ExportedSaying[], isLast: boolean) => {
      at += 1
      const shown = {
        title,
        sayings: some.toReversed(),
        older: isLast ? null : fileOf(at + 1),
        newer: at === 1 ? null : fileOf(at - 1),
      }
      await add(fileOf(at), [talkPage(of, shown, await namesOf(mediaOf(some)))])
      const span = spanOf(some)
      listed ??= { file: fileOf(1), title, ...span, count: 0 }
      listed = { ...listed, first: span.first, count: listed.count + span.count }
    }
    // Whether there is an older page is known once that has begun.
    let before: readonly ExportedSaying[] | null = null
    for await (const some of inPages(talk.sayings(), sayingsOnPage)) {
      if (before !== null) await write(before, false)
      before = some
    }
    if (before !== null) await write(before, true)
    if (listed !== null) written.push(listed)
  }
  return written.sort((one, other) => other.last.getTime() - one.last.getTime())
}

function titleOf({ language }: PageOf, { title, people }: ExportedTalk): string {
  if (title !== '') return title
  return people.length > 0 ? people.map((name) => `@${name}`).join(', ') : exportWords[language].nobody
}

/** Of what comes the newest first. */
function spanOf(some: readonly { at: Date }[]): Pick<ListedPage, 'first' | 'last' | 'count'> {
  return { first: some.at(-1)!.at, last: some[0]!.at, count: some.length }
}

async function* inPages<One>(all: AsyncIterable<One>, size: number): AsyncGenerator<readonly One[]> {
  let some: One[] = []
  for await (const one of all)
    if (some.push(one) === size) {
      yield some
      some = []
    }
  if (some.length > 0) yield some
}
