import { createHash } from 'node:crypto'
import { explicitness } from '@heliograph/contract/explicitness'
import type { ModerationFinding } from '@heliograph/contract/moderation'
import { LRUCache } from 'lru-cache'
import { Counter } from 'prom-client'
import type { ModerationConfig } from '#config/config.ts'
import type { Moderation, PictureScreening } from '#modules/media'
import type { ScreenedText, Screening } from '#modules/posts'
import type { StoryScreening } from '#modules/stories'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import type { Log } from '#platform/telemetry/log.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { type BlockList, createBlockList } from './moderation-block-list.ts'
import {
  countWaiting,
  isWaiting,
  openCase,
  withdrawCase,
  withdrawCases,
  withdrawCommentCases,
} from './moderation-cases.ts'
import type { Match } from './moderation-likeness.ts'
import { createWordScreen, type FoundWords, pieceLength, readOwnWords } from './moderation-words.ts'

export interface ScreeningDeps {
  database: Database
  ids: IdSource
  events: Events
  clock: Clock
  log: Log
  metrics: Metrics
  settings: ModerationConfig
}

/** Of captions, that are being published at the same time. */
const rememberedTexts = 500

/** Pictures of oneself and Stories are refused, not held: however careful the setting is, harmless ones must pass. */
const refusalThreshold = 0.5

/**
 * What may go out unseen, and what a person has to look at first. Made before those who ask it; it opens cases
 * and knows nothing of posts but what it is told.
 */
export interface ModerationScreening {
  pictures: PictureScreening
  posts: Screening
  stories: StoryScreening
  blockList: BlockList
  words(texts: readonly ScreenedText[]): ModerationFinding[]
}

export function createScreening(deps: ScreeningDeps): ModerationScreening {
  const { database, ids, clock, log, settings } = deps
  const blockList = createBlockList(deps)
  const screen = createWordScreen(readOwnWords(settings.wordsFile))
  const verdicts = createVerdicts(deps.metrics)
  deps.metrics.watch('heliograph_moderation_waiting', 'Cases that wait for a moderator.', () =>
    countWaiting(database.main),
  )

  const from = settings.enabled ? settings.words : null
  /** By the digests of their texts, which may be a megabyte each. */
  const known = new LRUCache<string, { found: FoundWords | null }>({ max: rememberedTexts })

  function words(texts: readonly ScreenedText[]): ModerationFinding[] {
    if (from === null) return []
    return texts.flatMap(({ field, text }) => {
      const remembered = isLong(text) ? known.get(digestOf(text)) : undefined
      const found = remembered ? remembered.found : screen.find(text, from)
      return found ? [{ kind: 'words' as const, field, ...found }] : []
    })
  }

  const pictures: PictureScreening = {
    classify: settings.enabled ? { threshold: settings.pictureThreshold } : null,
    recognise: async (tx, hashes) => verdictOf(await blockList.matchNow(tx, hashes)),
    async judge(purpose, { hashes, classification }) {
      const threshold =
        purpose === 'avatar' || purpose === 'story'
          ? Math.max(settings.pictureThreshold, refusalThreshold)
          : settings.pictureThreshold
      const recognised = verdictOf(await blockList.match(hashes))
      const seen = classification?.model
        ? { model: classification.model, scores: classification.scores, frames: classification.frames }
        : { model: null, scores: null }
      const moderation: Moderation = { verdict: 'pass', ...seen, ...recognised }
      if (recognised === null && moderation.scores !== null) {
        if (explicitness(moderation.scores) >= threshold) moderation.verdict = 'review'
      } else if (classification) {
        const detail = classification.model === null ? classification.detail : ''
        log.warn({ detail }, 'a picture could not be looked at')
        verdicts.inc({ verdict: 'unscored' })
        if (settings.unscored === 'review') moderation.verdict = 'review'
      }
      verdicts.inc({ verdict: moderation.verdict })
      return moderation
    },
  }

  async function open(
    tx: Parameters<typeof openCase>[0],
    about: { subject: 'post' | 'comment' | 'story'; subjectId: Id; postId: Id | null; authorId: Id },
    findings: readonly ModerationFinding[],
  ): Promise<void> {
    const id = ids.next(bucketOf(about.subjectId))
    await openCase(tx, { ...about, id, findings, reports: 0, now: new Date(clock.now()) })
  }

  const posts: Screening = {
    unread: (texts) =>
      from === null ? [] : texts.filter(({ text }) => isLong(text) && !known.has(digestOf(text))),
    async read(texts) {
      if (from === null) return
      for (const { text } of texts) known.set(digestOf(text), { found: await screen.findInTurns(text, from) })
    },
    isAbove: (texts) => words(texts).length > 0,
    async holdPost(tx, { postId, authorId, texts, media }) {
      const findings = [...media].flatMap(([mediaId, found]) => findingsOf(mediaId, found))
      findings.push(...words(texts))
      if (findings.length === 0) return false
      await open(tx, { subject: 'post', subjectId: postId, postId: null, authorId }, findings)
      return true
    },
    async holdComment(tx, { commentId, postId, authorId, text }) {
      const findings = words([{ field: 'comment', text }])
      if (findings.length === 0) return false
      await open(tx, { subject: 'comment', subjectId: commentId, postId, authorId }, findings)
      return true
    },
    isFoul: (text) => screen.find(text, 'mild') !== null,
    async withdrawPost(tx, postId) {
      await withdrawCase(tx, 'post', postId)
      await withdrawCommentCases(tx, postId)
    },
    withdrawComments: (tx, postId, ids) => withdrawCases(tx, 'comment', bucketOf(postId), ids),
  }

  const stories: StoryScreening = {
    async holdStory(tx, { storyId, authorId, texts, media }) {
      const findings = [...media].flatMap(([mediaId, found]) => findingsOf(mediaId, found))
      findings.push(...words(texts))
      if (findings.length === 0) return false
      await open(tx, { subject: 'story', subjectId: storyId, postId: null, authorId }, findings)
      return true
    },
    withdrawStory: (tx, storyId) => withdrawCase(tx, 'story', storyId),
    awaitsDecision: (tx, storyId) => isWaiting(tx, 'story', storyId),
    isRefused: (text) => words([{ field: 'caption', text }]).length > 0,
  }

  return { pictures, posts, stories, blockList, words }
}

function isLong(text: string): boolean {
  return text.length > pieceLength
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64')
}

function findingsOf(mediaId: Id, found: Moderation): ModerationFinding[] {
  if (found.verdict === 'pass') return []
  if (found.distance !== undefined) return [{ kind: 'resembles', mediaId, distance: found.distance }]
  return [{ kind: 'picture', mediaId, model: found.model, scores: found.scores }]
}

function verdictOf(match: Match | null): Pick<Moderation, 'verdict' | 'distance'> | null {
  return match && { verdict: match.isSame ? 'blocked' : 'review', distance: match.distance }
}

function createVerdicts({ registry }: Metrics): Counter<'verdict'> {
  return new Counter({
    name: 'heliograph_moderation_pictures_total',
    help: 'Pictures by what they were found to be; unscored ones beside their verdict.',
    labelNames: ['verdict'],
    registers: [registry],
  })
}
