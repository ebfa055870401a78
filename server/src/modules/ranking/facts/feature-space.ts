import { featuresPerPost, longVideoSeconds, type MediaKind } from '../candidate-columns.ts'

/**
 * What a post is about, as short texts: `t:` hashtag, `p:` place, `w:` word of the caption. Kept readable, since people
 * may read what is known of them; hashed only for comparing.
 */
export type Feature = `${'t' | 'p' | 'w'}:${string}`

const wordsMax = 5
const tagsMax = 6
/** Of names of places; hashtags are bounded where they are written. */
const placeLength = 40

/** Frequent words of the two languages of the app that say nothing about what a picture shows. */
const stopWords = new Set(
  (
    'about after again also back been before being both came come could does doing done down each even ever every ' +
    'from gave getting give going gone good have here into just keep know last like little long look made make many ' +
    'more most much must need never next only other over really same should since some still such take than that ' +
    'their them then there these they thing things this those through time today tomorrow very want were what when ' +
    'where which while will with without would year yesterday your aber alle allem allen aller alles also andere auch ' +
    'beim bist dann dass dein deine denn dies diese diesem diesen dieser dieses doch dort durch eine einem einen einer ' +
    'eines endlich etwas euch für ganz gerade haben hatte heute hier ihre ihrem ihren immer jetzt kann kein keine mehr ' +
    'mein meine meinem meinen meiner mich mein morgen nach nicht noch oder ohne schon sehr sein seine seit sich sind ' +
    'über unser unsere viel vom wann warum wenn werden wieder wird wohl wurde würde zwischen gestern'
  ).split(' '),
)

export interface Described {
  caption: string
  hashtags: readonly string[]
  placeName: string | null
}

/** The same of a post’s hashtags as of one that is tapped: a shorter one would never meet it. */
export function tagFeature(tag: string): Feature {
  return `t:${tag}`
}

/** At most `featuresPerPost`, each once: hashtags first, then the place, then the longest words. */
export function featuresOf({ caption, hashtags, placeName }: Described): Feature[] {
  const tags = [...new Set(hashtags)].slice(0, tagsMax)
  const place = placeName?.normalize('NFKC').toLowerCase().trim()
  const words = wordsOf(caption).filter((word) => !tags.includes(word))
  return [
    ...tags.map(tagFeature),
    ...(place ? [`p:${Array.from(place).slice(0, placeLength).join('')}` as const] : []),
    ...words.slice(0, wordsMax).map((word): Feature => `w:${word}`),
  ].slice(0, featuresPerPost)
}

function wordsOf(caption: string): string[] {
  const plain = caption
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[@#][\p{L}\p{M}\p{N}_.]+|https?:\S+/gu, ' ')
  const words = new Set(plain.match(/[\p{L}\p{M}]{4,24}/gu) ?? [])
  return [...words]
    .filter((word) => !stopWords.has(word))
    .sort((a, b) => b.length - a.length || (a < b ? -1 : 1))
}

/** FNV-1a folded to 16 bits, never 0. Of 400 things known of somebody, one in 160 others meets one by chance. */
export function featureKey(feature: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < feature.length; i++) hash = Math.imul(hash ^ feature.charCodeAt(i), 0x01000193)
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x85ebca6b)
  return (hash >>> 16) ^ (hash & 0xffff) || 1
}

export function featureKeys(features: readonly string[]): Uint16Array {
  const keys = new Uint16Array(featuresPerPost)
  for (const [at, feature] of features.slice(0, featuresPerPost).entries()) keys[at] = featureKey(feature)
  return keys
}

export interface Shown {
  type: 'photo' | 'video'
  durationSeconds: number | null
}

const photoSeconds = 4

export function mediaKindOf(media: readonly Shown[]): MediaKind {
  if (media.length > 1) return 'carousel'
  const only = media[0]
  if (only?.type !== 'video') return 'photo'
  return (only.durationSeconds ?? 0) > longVideoSeconds ? 'long_video' : 'short_video'
}

/** How long it takes to look at all of it. */
export function secondsOf(media: readonly Shown[]): number {
  let seconds = 0
  for (const { type, durationSeconds } of media)
    seconds += type === 'video' ? Math.max(1, durationSeconds ?? photoSeconds) : photoSeconds
  return Math.max(photoSeconds, seconds)
}
