// Kinds of pages whose cost is measured: what stands in memory for them already, and what does not.
import type { OtherPages, PageKind } from './feed-cpu.ts'
import type { Reader } from './feed-data.ts'
import { post, untilGone, untilShown } from './feed-posting.ts'
import { batchSize, impressionsOf } from './feed-readers.ts'
import {
  firstPage,
  followsOf,
  laterPage,
  othersWith,
  readersWith,
  type Setting,
  untilQuiet,
} from './feed-setting.ts'

const snapshotTarget = 2.5
const targetOf = (follows: number) => (follows <= 150 ? 5 : 6)

export interface FeedKinds {
  snapshot: PageKind
  /** For whoever comes back before anybody they follow published: what was merged for the page before still holds. */
  again: PageKind[]
  /** What every page meets whose reader has told meanwhile what they looked at. */
  afterLooks: PageKind
  /** One round of all of them: somebody whom they all follow has published, which is put in front of what was merged. */
  published: PageKind[]
  /** One round of all of them, behind that one: it was taken back, so that the posts of all whom they follow are merged anew. */
  rebuilt: PageKind[]
  /** Of as many readers as there are, for many in flight: `before` outdates what was merged for any of them. */
  rebuiltOfMany: PageKind
}

export async function feedKinds(setting: Setting): Promise<FeedKinds> {
  const counts = followsOf(setting.set)
  const few = readersWith(setting, counts[0]!)
  const later = await Promise.all(few.map((reader) => laterPage(setting, reader)))
  const { publish, takeBack } = changesOf(setting)
  /** The change comes before the first of them, and all see it. */
  const afterChange = (name: string, change: () => Promise<void>) =>
    counts.map(
      (follows, nth): PageKind => ({
        name: `${name}, ${follows} follows`,
        asks: readersWith(setting, follows).map(firstPage),
        target: targetOf(follows),
        turns: 1,
        before: nth === 0 ? change : () => untilQuiet(setting),
        others: othersOf(setting),
      }),
    )
  const many = setting.set.readers.filter(({ follows }) => follows === counts[0])
  return {
    rebuiltOfMany: {
      name: `page 1 rebuilt, ${counts[0]} follows`,
      asks: many.map(firstPage),
      target: targetOf(counts[0]!),
      async before() {
        await publish()
        await takeBack()
      },
    },
    snapshot: { name: 'page 3, from the snapshot', asks: later, target: snapshotTarget },
    afterLooks: {
      name: `page 3, after a batch of ${batchSize} impressions of its reader`,
      asks: later,
      target: snapshotTarget,
      turns: 1,
      before: await looking(setting, few),
      others: othersOf(setting),
    },
    published: afterChange('page 1 after somebody published', publish),
    rebuilt: afterChange('page 1 rebuilt', takeBack),
    again: counts.map((follows) => ({
      name: `page 1 again, ${follows} follows`,
      asks: readersWith(setting, follows).map(firstPage),
      target: targetOf(follows),
    })),
  }
}

const pagesBefore = 5

/** Whom a server answers that people use. */
const othersOf = (setting: Setting): OtherPages => ({
  asks: othersWith(setting, followsOf(setting.set)[0]!).map(firstPage),
  times: pagesBefore,
})

/** Each of them looks at what they have not seen yet. */
async function looking(setting: Setting, readers: readonly Reader[]): Promise<() => Promise<void>> {
  const { effort, set, load } = setting
  const rounds = effort.rounds + effort.warmRounds + 1
  const posts = await set.postsToSee(rounds * batchSize)
  let round = 0
  return async () => {
    const from = (round++ % rounds) * batchSize
    const batch = posts.slice(from, from + batchSize)
    await load.all(
      setting.ours.url,
      readers.map((reader) => impressionsOf(reader, batch)),
      4,
    )
    await untilQuiet(setting)
  }
}

/** Somebody who is not measured reads first what is new, so that no page pays for loading the post. */
function changesOf(setting: Setting) {
  const { set, load } = setting
  const { token } = set.celebrity
  const first = othersWith(setting, followsOf(set)[0]!).at(-1)!
  const uploads: string[] = []
  let last: string | undefined
  return {
    async publish() {
      const { url } = setting.ours
      if (uploads.length === 0) uploads.push(...(await set.uploadsOf(set.celebrity.id, 100)))
      last = await post(setting, url, set.celebrity, uploads.pop()!)
      await untilShown(setting, url, first, last)
      await load.all(url, [firstPage(first)], 1)
      await untilQuiet(setting)
    },
    async takeBack() {
      const { url } = setting.ours
      if (last === undefined) throw new Error('Nothing was published that could be taken back')
      await load.all(url, [{ token, path: `/api/posts/${last}`, method: 'DELETE' }], 1)
      await untilGone(setting, url, first, last)
      last = undefined
      await load.all(url, [firstPage(first)], 1)
      await untilQuiet(setting)
    },
  }
}
