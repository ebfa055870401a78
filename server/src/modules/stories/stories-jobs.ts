import type { RecountReport } from '#modules/accounts'
import type { Id } from '#platform/ids/ids.ts'
import type { StoriesEnd } from './publishing/stories-end.ts'
import type { StoriesSettling } from './publishing/stories-settle.ts'
import type { StoriesDeps } from './stories-deps.ts'

type Deps = Pick<StoriesDeps, 'database' | 'clock' | 'log' | 'events' | 'jobs'> & {
  settling: StoriesSettling
  end: StoriesEnd
  recount(): Promise<RecountReport>
}

interface StoryJob {
  storyId: Id
}

const minute = 60_000
const batch = 200

export function defineStoriesJobs(deps: Deps): void {
  const { events, jobs, log, settling, end, recount } = deps
  jobs.define<StoryJob>('stories.settle', {
    lane: 'fresh',
    maxAttempts: 8,
    run: ({ storyId }) => settling.settle(storyId),
    exhausted: ({ storyId }) => settling.giveUp(storyId),
  })
  jobs.define<StoryJob>('stories.remove', {
    lane: 'bulk',
    maxAttempts: 20,
    run: ({ storyId }) => end.remove(storyId),
  })
  jobs.every(
    'stories.end',
    '7 * * * *',
    async () => {
      const ended = await end.run()
      if (Object.values(ended).some((count) => count > 0))
        log.info(ended, 'What expired Stories left behind is taken away')
    },
    { lane: 'bulk', maxAttempts: 3 },
  )
  jobs.every(
    'stories.recount',
    '27 4 * * *',
    async () => log.info(await recount(), 'Views of Stories recounted'),
    {
      lane: 'bulk',
      maxAttempts: 3,
    },
  )
  jobs.every('stories.sweep', '*/5 * * * *', () => settleStuck(deps))

  events.react('stories.created', 'stories.settle', ({ data }) => ({ storyId: data.storyId }), {
    key: ({ data }) => `stories.settle:${data.storyId}`,
  })
  for (const kind of ['media.ready', 'media.failed'] as const)
    events.react(
      kind,
      'stories.settle',
      ({ data }) => (data.purpose === 'story' && data.partOf ? { storyId: data.partOf } : null),
      { key: ({ data }) => `stories.settle:${data.partOf}` },
    )
  events.react('stories.deleted', 'stories.remove', ({ data }) => ({ storyId: data.storyId }))
}

/** Those that events did not bring to their end. */
async function settleStuck({ database, clock, log, settling }: Deps): Promise<void> {
  const rows = await database.main
    .selectFrom('stories')
    .select('id')
    .where('status', '=', 'processing')
    .where('deleted_at', 'is', null)
    .where('created_at', '<', new Date(clock.now() - 2 * minute))
    .orderBy('created_at')
    .limit(batch)
    .execute()
  for (const { id } of rows)
    await settling
      .settle(id)
      .catch((err: unknown) => log.error({ err, storyId: id }, 'A Story could not be settled'))
}
