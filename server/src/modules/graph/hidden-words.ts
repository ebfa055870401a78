import { asLatin } from './look-alikes.ts'

/** Accents, and the vowel signs that Arabic and Hebrew may leave out; elsewhere a mark makes another letter. */
const marks = /[\p{M}&&[\p{sc=Inherited}\p{sc=Hebrew}\p{sc=Arabic}\p{sc=Cyrillic}]]/gv

/** Zero-width characters, joiners, soft hyphens, marks of direction, and what only stretches Arabic words. */
const invisible = /[\p{Default_Ignorable_Code_Point}\p{Cf}\u0640]/gu

/** These are written without spaces, so that a word has no ends of its own. */
const unspaced = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u

/** Else "who’re" and "he’ll" would be other words: the mark counts as a letter of the second, as it does in Unicode. */
const contraction = /(?<=\p{L})['’`](?=(?:ll|re|ve|s|d|m)(?![\p{L}\p{N}]))/gu

/** What is left when nothing but the letters counts, as they look. */
export function foldWords(text: string): string {
  const plain = text.normalize('NFKD').replaceAll(invisible, '').toUpperCase().toLowerCase()
  return asLatin(plain.normalize('NFKD').replaceAll(marks, '')).replaceAll(contraction, ' ʼ')
}

/** Whole words and phrases, however they are spelled out. Where there are no words, what stands inside counts. */
export function hasHiddenWord(text: string, words: readonly string[]): boolean {
  if (words.length === 0) return false
  const folded = foldWords(text)
  const plain = linesOf(folded, null)
  const dodged = stands.map((stand) => ({ stand, lines: linesOf(folded, stand) }))
  return words.some((word) => {
    const wanted = foldWords(word)
    const tokens = tokensOf(wanted)
    // Nothing but signs and pictures.
    if (tokens.length === 0) return wanted.trim() !== '' && folded.includes(wanted.trim())
    if (unspaced.test(wanted)) return folded.replaceAll(/\s+/gu, '').includes(wanted.replaceAll(/\s+/gu, ''))
    // A number is itself alone: "14" is no word of two letters.
    if (tokens.every((token) => /^\p{N}+$/u.test(token))) return plain.words.text.includes(lineOf(tokens))
    if (isIn(plain, tokens)) return true
    if (!/[\d!¡|@+$€¢]/u.test(wanted)) return dodged.some(({ lines }) => isIn(lines, tokens))
    return dodged.some(({ stand, lines }) => isIn(lines, tokensOf(asLetters(wanted, stand))))
  })
}

/** What digits and signs stand for. Some may be either of two letters, so that a text is read more than once. */
type Stand = Readonly<Record<string, string>>
const always: Stand = {
  '0': 'o',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '8': 'b',
  '9': 'g',
  $: 's',
  '€': 'e',
  '¢': 'c',
}
const stands: readonly Stand[] = [
  { ...always, '1': 'i', '6': 'g' },
  { ...always, '1': 'l', '6': 'g' },
  { ...always, '1': 'i', '6': 'b' },
]

/** "455", "5s", "4:55pm" and "100$" mean what they say. */
const number =
  /^[^\p{L}\p{N}]*\d[\d.,:/%+×–-]*(?:(?<=1)st|(?<=2)nd|(?<=3)rd|th|er|[ckm]m|kg|ml|am|pm|[a-z])?[^\p{L}\p{N}]*$/u

function asLetters(folded: string, stand: Stand): string {
  return folded.replaceAll(/\S+/gu, (chunk) => (isNumber(chunk) ? chunk : lettersOf(chunk, stand)))
}

/** Nothing long is one. */
function isNumber(chunk: string): boolean {
  return chunk.length <= 20 && number.test(chunk)
}

function lettersOf(chunk: string, stand: Stand): string {
  return (
    chunk
      // Behind a word these end a sentence.
      .replaceAll(/[!¡](?=[\p{L}\p{N}$@])|\|/gu, '1')
      .replaceAll(/@(?=[\p{L}\p{N}$])|(?<=[\p{L}\p{N}$])@/gu, 'a')
      .replaceAll(/\+(?=[\p{L}\p{N}$])|(?<=[\p{L}\p{N}$])\+/gu, 't')
      .replaceAll(/[\d$€¢]/gu, (sign) => stand[sign] ?? sign)
  )
}

interface Line {
  /** With a space before and behind every word. */
  text: string
  /** Without repeated letters. */
  squeezed: string
}
interface Lines {
  words: Line
  /** The same read as other words. */
  others: Line[]
  /** Two that stand beside each other, as one. */
  pairs: Line
}

function linesOf(folded: string, stand: Stand | null): Lines {
  const read = stand === null ? folded : asLetters(folded, stand)
  const tokens = tokensOf(read)
  // "id.i_ot" is read as one word too, and so is what is spelled: "i d i o t".
  const sentences = read.split(/(?<![.,;:!?…])[.,;:!?…]+(?:\s|$)|\n/u)
  const joined = sentences.map((sentence) => sentence.split(/\s+/u).map(joinedOf).filter(Boolean))
  const known = new Set(tokens)
  const spelled = unspelled(tokens).map((token) =>
    stand && !known.has(token) && /\p{L}/u.test(token) ? lettersOf(token, stand) : token,
  )
  return {
    words: toLine(tokens),
    others: [toLine(joined.flat()), toLine(spelled)],
    pairs: toLine(joined.flatMap(pairsOf)),
  }
}

function isIn({ words, others, pairs }: Lines, tokens: readonly string[]): boolean {
  const phrase = lineOf(tokens)
  const lines = tokens.length === 1 ? [words, ...others, pairs] : [words, ...others]
  // Most words are ruled out here, for the price of a look.
  const squeezed = squeeze(phrase)
  const near = lines.filter((line) => line.squeezed.includes(squeezed))
  if (near.length === 0) return false
  const stretched = new RegExp(` ${tokens.map(stretchedOf).join(' ')} `, 'u')
  return near.some(({ text }) => stretched.test(text))
}

function toLine(tokens: readonly string[]): Line {
  const text = lineOf(tokens)
  return { text, squeezed: squeeze(text) }
}

function squeeze(line: string): string {
  return line.replaceAll(/(\p{L})\1+/gu, '$1')
}

/** Letters may be repeated, in short words so often as no language does: "god" is not "good". Never fewer than there are. */
function stretchedOf(token: string): string {
  const isShort = [...token].length < 5
  return token.replaceAll(/(\p{L})\1*/gu, (run, letter: string) => {
    const count = [...run].length
    return isShort ? `(?:${run}|${letter}{3,})` : `${letter}{${count},}`
  })
}

/** Pieces that are everyday words make no other word: "my pen is blue". */
const everyday = new Set(
  [
    'a i am an as at be by do go he if in is it me my no of on or so to up us we the and for her his him was are not',
    'all you has had who its our out let got man ab am an da du er es im in ja ob um wo zu der die das den dem des und',
    'ist bin bist war hat mit von vor aus bei nur wie was wer ich wir ihr sie mal nun ein auf so sich nicht eine',
  ].flatMap((line) => line.split(' ')),
)
const vowel = /[aeiouyäöü]|[^a-z]/u

function pairsOf(tokens: readonly string[]): string[] {
  return tokens.slice(1).flatMap((second, n) => {
    const first = tokens[n]!
    const pieces = [first, second]
    // A piece that nobody can speak is no word.
    const isTorn = pieces.some((piece) => !vowel.test(piece)) || !pieces.some((piece) => everyday.has(piece))
    return isTorn ? [first + second] : []
  })
}

function joinedOf(chunk: string): string {
  return tokensOf(chunk).join('')
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
