import { readFileSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import type { WordSeverity } from '@heliograph/contract/moderation'
import {
  type BlacklistedTerm,
  englishDataset,
  englishRecommendedTransformers,
  parseRawPattern,
  RegExpMatcher,
} from 'obscenity'
import { harmless, wordList } from './word-list.ts'

export interface FoundWords {
  /** The worst of them. */
  severity: WordSeverity
  /** As they were written, each once. */
  words: string[]
}

export interface WordScreen {
  /** Null when there is nothing of that severity or worse. */
  find(text: string, from: WordSeverity): FoundWords | null
  /** The same, with a turn for others after each piece. */
  findInTurns(text: string, from: WordSeverity): Promise<FoundWords | null>
}

/** A text of this many characters takes a few milliseconds, and one of many pieces time in proportion. */
export const pieceLength = 4000
/** No pattern is longer. */
const overlap = 100

/** What an operator adds: a word or a pattern a line, optionally after its severity. */
export type OwnWords = readonly { severity: WordSeverity; pattern: string }[]

const order: readonly WordSeverity[] = ['mild', 'strong', 'severe']

interface Term extends BlacklistedTerm {
  severity: WordSeverity
}

export function createWordScreen(own: OwnWords = []): WordScreen {
  const { terms, whitelist } = collectTerms(own)
  const severityOf = new Map(terms.map(({ id, severity }) => [id, severity]))
  const matcher = new RegExpMatcher({
    ...englishRecommendedTransformers,
    blacklistedTerms: terms,
    whitelistedTerms: whitelist,
  })

  function matchesIn(piece: string, from: WordSeverity): Worded[] {
    return [...matchesOf(matcher, piece), ...matchesSpelled(matcher, piece)]
      .map(({ termId, word }) => ({ word, severity: severityOf.get(termId)! }))
      .filter(({ severity }) => order.indexOf(severity) >= order.indexOf(from))
  }

  return {
    find: (text, from) => summaryOf([...piecesOf(text)].flatMap((piece) => matchesIn(piece, from))),
    async findInTurns(text, from) {
      const found: Worded[] = []
      for (const piece of piecesOf(text)) {
        for (const one of matchesIn(piece, from)) found.push(one)
        await setImmediate()
      }
      return summaryOf(found)
    },
  }
}

interface Worded {
  word: string
  severity: WordSeverity
}

function summaryOf(found: readonly Worded[]): FoundWords | null {
  if (found.length === 0) return null
  return {
    severity: order[Math.max(...new Set(found.map(({ severity }) => order.indexOf(severity))))]!,
    words: distinct(found.map(({ word }) => word)),
  }
}

/** The matcher's time grows with the square of what it finds. Words are not cut, and what spans a cut is in both pieces. */
function* piecesOf(text: string): Generator<string> {
  let from = 0
  while (text.length - from > pieceLength) {
    const to = beginningOfWord(text, from + pieceLength)
    yield text.slice(from, to)
    from = beginningOfWord(text, to - overlap)
  }
  yield text.slice(from)
}

/** The nearest one before a place; where there is none for long, the place itself. */
function beginningOfWord(text: string, place: number): number {
  for (let at = place; at > place - overlap; at--) if (/\s/.test(text[at - 1]!)) return at
  return place
}

/** A moderator reads these; a text may be nothing but such words. */
const mostTold = 100

/** A word that another one contains is told once, as the longer. */
function distinct(words: readonly string[]): string[] {
  const each = [...new Set(words)].slice(0, mostTold)
  return each.filter((word) => !each.some((other) => other !== word && other.includes(word)))
}

function collectTerms(own: OwnWords): { terms: Term[]; whitelist: string[] } {
  const english = englishDataset.build()
  const ours = (['severe', 'strong'] as const).flatMap((severity) =>
    wordList[severity].map((pattern) => ({ severity, pattern })),
  )
  const terms: Term[] = english.blacklistedTerms.map((term) => ({ ...term, severity: 'mild' }))
  let id = Math.max(...terms.map((term) => term.id))
  for (const { severity, pattern } of [...ours, ...own])
    terms.push({ id: ++id, pattern: parseRawPattern(pattern), severity })
  // No harm in English; in German it is what the list above names.
  const theirs = (english.whitelistedTerms ?? []).filter((term) => term !== 'fick')
  return { terms, whitelist: [...theirs, ...harmless] }
}

interface Match {
  termId: number
  word: string
}

function matchesOf(matcher: RegExpMatcher, text: string): Match[] {
  return matcher
    .getAllMatches(text, true)
    .map(({ termId, startIndex, endIndex }) => ({ termId, word: text.slice(startIndex, endIndex + 1) }))
}

/** "f u c k", "f.u.c.k": letters that stand alone in a row are read as one word, and only as a whole one. */
function matchesSpelled(matcher: RegExpMatcher, text: string): Match[] {
  const runs = text.matchAll(
    /(?<![\p{L}\p{N}])[\p{L}\p{N}](?:[\s._*~|+-]{1,3}[\p{L}\p{N}](?![\p{L}\p{N}])){2,}/gu,
  )
  return [...runs].flatMap(([run]) => {
    const word = run.replaceAll(/[\s._*~|+-]+/gu, '')
    return matcher
      .getAllMatches(word)
      .filter(({ matchLength }) => matchLength === word.length)
      .map(({ termId }) => ({ termId, word: run }))
  })
}

/** The operator's file: `word` or `severe word`, one a line; # begins a remark. Not there: none. */
export function readOwnWords(file: string): OwnWords {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  return text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [, given, words = line] = /^(mild|strong|severe)\s+(.+)$/.exec(line) ?? []
      return { severity: (given as WordSeverity | undefined) ?? 'strong', pattern: patternOf(words) }
    })
}

/** Plain words match as whole words; what has a `|` is taken as a pattern of its own. */
function patternOf(words: string): string {
  if (words.includes('|')) return words.toLowerCase()
  const escaped = words.toLowerCase().replaceAll(/[[\]?\\]/g, '\\$&')
  // As texts are before they are compared: doubled letters are one, but for those named in word-list.ts.
  return `|${escaped.replaceAll(/([^beglos])\1+/gu, '$1')}|`
}
