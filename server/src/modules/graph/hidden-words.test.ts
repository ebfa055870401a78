import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasHiddenWord } from './hidden-words.ts'

const dodges: Record<string, [word: string, text: string]> = {
  case: ['Idiot', 'what an IDIOT'],
  accents: ['idiot', 'ïdìót'],
  'accents of the chosen word': ['Bücher', 'BUCHER'],
  'combining marks': ['idiot', 'i\u0336d\u0336i\u0336o\u0336t\u0336'],
  'zero-width characters': ['idiot', 'id\u200bi\u200do\u2060t\ufeff'],
  'soft hyphens and marks of direction': ['idiot', 'id\u00adi\u202eot\u202c'],
  'variation selectors': ['idiot', 'i\ufe0fdiot'],
  'Cyrillic letters': ['idiot', 'іdіоt'],
  'Cyrillic capitals': ['bob', 'ВОВ'],
  'Greek letters': ['idiot', 'ιdιοτ'],
  'full-width letters': ['idiot', 'ｉｄｉｏｔ'],
  'mathematical letters': ['idiot', '𝒊𝒅𝒊𝒐𝒕'],
  'circled letters': ['idiot', 'ⓘⓓⓘⓞⓣ'],
  digits: ['idiot', '1d10t'],
  'a one for an l': ['loser', '1o5er'],
  signs: ['loser', 'lo$er'],
  'being spelled': ['idiot', 'you i d i o t!'],
  'dots inside': ['idiot', 'you id.i_ot!'],
  punctuation: ['idiot', '(idiot)...'],
  'being a hashtag or a mention': ['idiot', '#idiot @idiot'],
  'a phrase across lines': ['go home', 'go,\n  HOME'],
  'German sharp s': ['scheiße', 'SCHEISSE'],
  'stretched Arabic words': ['كلب', 'كـــلب'],
  'Arabic vowel signs': ['كلب', 'كَلْب'],
  'no spaces': ['笨蛋', '你是笨蛋吗'],
  pictures: ['🖕', 'this 🖕 is'],
  'skin tones': ['🖕', 'this 🖕🏽 is'],
}

for (const [dodge, [word, text]] of Object.entries(dodges))
  test(`a hidden word is never dodged by ${dodge}`, () => assert.ok(hasHiddenWord(text, ['other', word])))

test('a word is never found in what only contains it', () => {
  for (const [word, text] of [
    ['ass', 'a class of its own'],
    ['go home', 'go by home'],
    ['idiot', 'idiotic'],
    ['нет', 'интернет'],
  ] as const)
    assert.equal(hasHiddenWord(text, [word]), false, text)
  assert.equal(hasHiddenWord('anything', []), false)
})
