/** What is kept for looking at without a connection, and how it is named. Pure: the worker and its tests share it. */

export type Shelf = 'answers' | 'photos' | 'faces'

export interface ShelfLimits {
  entries: number
  bytes: number
}

const megabyte = 1024 * 1024

export const shelfLimits: Record<Shelf, ShelfLimits> = {
  answers: { entries: 150, bytes: 10 * megabyte },
  photos: { entries: 1000, bytes: 100 * megabyte },
  faces: { entries: 3000, bytes: 50 * megabyte },
}

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
  /^\/api\/me\/(?:saved|likes)$/,
  /^\/api\/users\/[^/]+(?:\/posts)?$/,
  /^\/api\/posts\/\d+(?:\/comments)?$/,
  /^\/api\/tags\/[^/]+\/posts$/,
  /^\/api\/conversations(?:\/\d+(?:\/messages)?)?$/,
]
/** What came since is asked for again and again, and is nothing by itself. */
const partOfMessages = /^\/api\/conversations\/\d+\/messages\?(?:.*&)?after=/

/** On which shelf the answer to a GET of this path belongs, if on any. */
export function shelfOf(path: string, query = ''): Shelf | undefined {
  if (partOfMessages.test(path + query)) return undefined
  if (answerPaths.some((pattern) => pattern.test(path))) return 'answers'
  const folder = mediaFolder(path)
  if (folder === undefined) return undefined
  if (folder.startsWith('avatars/')) return 'faces'
  // The original is large, and its owner has it. A video is asked for in ranges, which a shelf cannot answer;
  // its poster is a picture like others.
  return /\/(?:thumbnail|medium|large|fallback|poster)\//.test(`/${folder}/`) ? 'photos' : undefined
}

const mediaPath = /^\/m\/[^/]+\/([^/]+)\/[^/]+\/[^/]+\/(.+)$/

function mediaFolder(path: string): string | undefined {
  return mediaPath.exec(path)?.[2]
}

/**
 * Under what name it is kept. Addresses of media change with the hour, the file behind them does not: expiry,
 * epoch and signature are left out.
 */
export function savedKey(path: string, query: string): string {
  const [, account, file] = mediaPath.exec(path) ?? []
  return file === undefined ? path + query : `/m/${account}/${file}`
}
