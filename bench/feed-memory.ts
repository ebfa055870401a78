// What the feed's memory grows by with posts and with people, apart from everything else that a server holds.
import { type Fill, known, postsPerAuthor } from './feed-memory-process.ts'
import { startMeasured } from './measured-process.ts'
import type { ScenarioContext, Table } from './scenario.ts'

export async function measureMemory({ isQuick, log }: ScenarioContext): Promise<Table> {
  log('memory of posts and of viewers')
  const posts = isQuick ? 30_000 : 1_000_000
  const viewers = isQuick ? 100 : 2000
  const perPost = await grownBy('posts', posts)
  const perViewer = await grownBy('viewers', viewers)
  const row = (what: string, { used, rss }: Grown, unit: number) => [
    what,
    (used / unit).toFixed(1),
    (rss / unit).toFixed(1),
  ]
  return {
    title: `The feed's own memory: ${posts} posts and ${viewers} viewers, each in a process of its own`,
    columns: ['what', 'heap and buffers', 'whole process'],
    rows: [
      row(`a million posts in the index, ${postsPerAuthor} by each author, MiB`, perPost, 2 ** 20 / 1e6),
      row('… a post, bytes', perPost, 1),
      row(
        `what is known of a viewer: ${known.authors} authors, ${known.tags} hashtags, ${known.seen} posts seen, KiB`,
        perViewer,
        2 ** 10,
      ),
    ],
  }
}

interface Grown {
  used: number
  rss: number
}

/** Bytes of each. */
async function grownBy(what: Fill['what'], count: number): Promise<Grown> {
  const child = await startMeasured('./feed-memory-process.ts', {})
  try {
    const before = await child.memory()
    const filled = child.next('filled')
    child.send({ type: 'fill', what, count } satisfies Fill)
    await filled
    const after = await child.memory()
    return { used: (after.used - before.used) / count, rss: (after.rss - before.rss) / count }
  } finally {
    await child.stop()
  }
}
