/** Letters of other scripts that look like Latin ones, in both cases. */
const lookAlikes: ReadonlyMap<string, string> = new Map(
  Object.entries({
    // Cyrillic
    ...{ а: 'a', в: 'b', е: 'e', ѕ: 's', і: 'i', ї: 'i', ј: 'j', к: 'k', м: 'm', н: 'h', о: 'o', р: 'p' },
    ...{ с: 'c', т: 't', у: 'y', х: 'x', ԁ: 'd', ԛ: 'q', ԝ: 'w', һ: 'h', ѵ: 'v', ӏ: 'l' },
    // Greek
    ...{ α: 'a', β: 'b', ε: 'e', ζ: 'z', η: 'h', ι: 'i', κ: 'k', μ: 'm', ν: 'v', ο: 'o', ρ: 'p', τ: 't' },
    ...{ υ: 'u', χ: 'x', ω: 'w', ϲ: 'c', ϳ: 'j' },
    // Latin, of which NFKD makes nothing
    ...{ ı: 'i', ł: 'l', ø: 'o', đ: 'd', ħ: 'h', ŧ: 't', æ: 'ae', œ: 'oe', ɑ: 'a', ɡ: 'g', ʏ: 'y', ɩ: 'i' },
    // Digits and signs that stand in for letters
    ...{ '0': 'o', '3': 'e', '4': 'a', '5': 's', '7': 't', $: 's', '€': 'e' },
  }),
)

/** Accents, and the vowel signs that Arabic and Hebrew may leave out; elsewhere a mark makes another letter. */
const marks = /[\p{M}&&[\p{sc=Inherited}\p{sc=Hebrew}\p{sc=Arabic}\p{sc=Cyrillic}]]/gv

/** Zero-width characters, joiners, soft hyphens, marks of direction, and what only stretches Arabic words. */
const invisible = /[\p{Default_Ignorable_Code_Point}\p{Cf}\u0640]/gu

/** These are written without spaces, so that a word has no ends of its own. */
const unspaced = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u

/** What is left when nothing but the letters counts, as they look. */
export function foldWords(text: string): string {
  const plain = text.normalize('NFKD').replaceAll(invisible, '').toUpperCase().toLowerCase()
  const bare = plain.normalize('NFKD').replaceAll(marks, '')
  return [...bare].map((letter) => lookAlikes.get(letter) ?? letter).join('')
}

/** Whole words and phrases, however they are spelled out. Where there are no words, what stands inside counts. */
export function hasHiddenWord(text: string, words: readonly string[]): boolean {
  if (words.length === 0) return false
  const readings = ['i', 'l'].map((one) => readingOf(text, one))
  return words.some((word) => readings.some((reading) => isIn(reading, word)))
}

/** A one may stand for two letters: the text is read with each. */
interface Reading {
  one: string
  folded: string
  /** Each with a space before and behind every word. */
  lines: string[]
}

function readingOf(text: string, one: string): Reading {
  const folded = foldOnes(text, one)
  const tokens = tokensOf(folded)
  // "id.i_ot" is read as one word too, and so is what is spelled: "i d i o t".
  const joined = folded.split(/\s+/u).map((chunk) => tokensOf(chunk).join(''))
  return { one, folded, lines: [lineOf(tokens), lineOf(joined.filter(Boolean)), lineOf(unspelled(tokens))] }
}

function isIn({ one, folded, lines }: Reading, word: string): boolean {
  const wanted = foldOnes(word, one)
  const tokens = tokensOf(wanted)
  // Nothing but signs and pictures.
  if (tokens.length === 0) return wanted.trim() !== '' && folded.includes(wanted.trim())
  if (unspaced.test(wanted)) return folded.replaceAll(/\s+/gu, '').includes(wanted.replaceAll(/\s+/gu, ''))
  const phrase = lineOf(tokens)
  return lines.some((line) => line.includes(phrase))
}

function foldOnes(text: string, one: string): string {
  return foldWords(text).replaceAll(/[1|]/g, one)
}

function tokensOf(folded: string): string[] {
  return folded.match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
}

function lineOf(tokens: readonly string[]): string {
  return ` ${tokens.join(' ')} `
}

/** Letters that stand alone in a row are one word. */
function unspelled(tokens: readonly string[]): string[] {
  const words: string[] = []
  let isSpelling = false
  for (const token of tokens) {
    const isLetter = [...token].length === 1
    if (isLetter && isSpelling) words.push((words.pop() ?? '') + token)
    else words.push(token)
    isSpelling = isLetter
  }
  return words
}
