/** What is kept for looking at without a connection, and how it is named. Pure: the worker and its tests share it. */

export type Shelf = 'answers' | 'photos' | 'faces' | 'stories' | 'films'

export interface ShelfLimits {
  entries: number
  bytes: number
}

const megabyte = 1024 * 1024

export const shelfLimits: Record<Shelf, ShelfLimits> = {
  answers: { entries: 150, bytes: 10 * megabyte },
  photos: { entries: 1000, bytes: 100 * megabyte },
  faces: { entries: 3000, bytes: 50 * megabyte },
  stories: { entries: 200, bytes: 30 * megabyte },
  films: { entries: 60, bytes: 60 * megabyte },
}

/** Counting what a shelf holds costs a look at each entry: it is done once in so many additions. */
export const additionsBetweenTrims: Record<Shelf, number> = {
  ...{ answers: 25, photos: 25, faces: 25, stories: 25 },
  films: 1,
}

/** A minute of a Story is some 15 MB; larger than this is none. */
export const filmMax = 20 * megabyte

const prefix = 'heliograph-saved-'

/** The account's id is in the name: what one person could see never meets the next one at this screen. */
export function shelfName(shelf: Shelf, accountId: string): string {
  return `${prefix}${shelf}-${accountId}`
}

export function isShelfOfOther(name: string, accountId: string | null): boolean {
  return name.startsWith(prefix) && (accountId === null || !name.endsWith(`-${accountId}`))
}

/** Lists and things that are worth reading again; searching, sessions and the like are not. */
const answerPaths = [
  /^\/api\/feed$/,
  /^\/api\/me$/,
  /^\/api\/stories$/,
  /^\/api\/users\/[^/]+\/stories$/,
  /^\/api\/notifications$/,
  /^\/api\/me\/(?:saved|likes)$/,
  /^\/api\/users\/[^/]+(?:\/posts)?$/,
  /^\/api\/posts\/\d+(?:\/comments)?$/,
  /^\/api\/tags\/[^/]+\/posts$/,
  /^\/api\/conversations(?:\/\d+(?:\/messages)?)?$/,
]
const partOfMessages = /^\/api\/conversations\/\d+\/messages\?(?:.*&)?after=/

/** What came since is asked for again and again, and is nothing by itself: it is added to what is kept. */
export function isPartOfMessages(path: string, query: string): boolean {
  return partOfMessages.test(path + query)
}

/** On which shelf the answer to a GET of this path belongs, if on any. */
export function shelfOf(path: string, query = ''): Shelf | undefined {
  if (isPartOfMessages(path, query)) return undefined
  if (answerPaths.some((pattern) => pattern.test(path))) return 'answers'
  const folder = mediaFolder(path)
  if (folder === undefined) return undefined
  if (folder.startsWith('avatars/')) return 'faces'
  if (folder.startsWith('stories/')) {
    if (/\/video\/[^/]+\.mp4$/.test(folder)) return 'films'
    return /\/(?:thumbnail|image)\//.test(folder) ? 'stories' : undefined
  }
  // The original is large, and its owner has it. The film of a post may be an hour long; its poster is a picture like others.
  return /\/(?:thumbnail|medium|large|fallback|poster)\//.test(`/${folder}/`) ? 'photos' : undefined
}

const mediaPath = /^\/m\/([^/]+)\/([^/]+)\/[^/]+\/[^/]+\/(.+)$/

function mediaFolder(path: string): string | undefined {
  return mediaPath.exec(path)?.[3]
}

/**
 * Under what name it is kept. Addresses of media change with the hour, the file behind them does not: expiry,
 * epoch and signature are left out. Of a Story the expiry stays: what is kept of it ends with it.
 */
export function savedKey(path: string, query: string): string {
  const [, expiry, account, file] = mediaPath.exec(path) ?? []
  if (file === undefined) return path + query
  return isOfStory(shelfOf(path)) ? `/m/${expiry}/${account}/${file}` : `/m/${account}/${file}`
}

/** What is kept of these ends in the second in which the Story does. */
export function isOfStory(shelf: Shelf | undefined): boolean {
  return shelf === 'stories' || shelf === 'films'
}

/** Whether a kept picture of a Story is over, by its name or its address. */
export function hasEnded(path: string, now: number): boolean {
  const expiry = Number(/^\/m\/([0-9]+)\//.exec(path)?.[1])
  return !(expiry * 1000 > now)
}

/** Of a `Range`, first and last byte; undefined: all of it is asked for. Null: there is no such part. */
export function partOf(range: string | null, size: number): { from: number; to: number } | null | undefined {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? []
  if (first === undefined) return undefined
  const [from, to] = [Number(first), last ? Math.min(Number(last), size - 1) : size - 1]
  return from <= to ? { from, to } : null
}

const storiesAnswer = /^\/api\/(?:stories|users\/[^/]+\/stories)$/
const storyLastsMs = 24 * 60 * 60 * 1000

/** Answers that name nothing but Stories: a day later not one of them is left. */
export function namesEndedStories(path: string, answeredAt: string | null, now: number): boolean {
  return storiesAnswer.test(path) && !(Date.parse(answeredAt ?? '') + storyLastsMs > now)
}
