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
  'an at sign': ['bastard', 'b@st@rd'],
  'an at sign before': ['ass', 'you @ss'],
  'exclamation marks': ['idiot', '!d!ot!!!'],
  'exclamation marks upside down': ['idiot', '¡d¡ot'],
  'a plus': ['idiot', 'idio+'],
  'an eight': ['bastard', '8astard'],
  'a six': ['nigger', 'ni66er'],
  'a six for a b': ['bastard', '6a5tard'],
  'a nine': ['nigger', 'ni99er'],
  'small capitals': ['idiot', 'ɪᴅɪᴏᴛ'],
  'squared letters': ['idiot', '🄸🄳🄸🄾🅃'],
  'white letters on black': ['idiot', '🅸🅳🅘🅞🆃'],
  'Cherokee letters': ['bad', 'ᏴᎪᎠ'],
  'Lisu letters': ['idiot', 'ꓲꓓꓲꓳꓔ'],
  runes: ['idiot', 'ᛁᛞᛁᛟᛏ'],
  'Canadian syllabics': ['bad', 'ᗷᗩᗪ'],
  'repeated letters': ['idiot', 'iiidioooott'],
  'one repeated letter': ['idiot', 'idioot'],
  'repeated letters in a short word': ['ass', 'assss'],
  'a space inside': ['idiot', 'you id iot'],
  'a space before what is no word': ['shit', 'sh it'],
  'a space and signs': ['bastard', 'b@st 4rd'],
  'spelled digits': ['idiot', '1 d 1 0 t'],
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

const harmless: Record<string, string[]> = {
  English: [
    'My pen is blue, and so is an us-versus-them joke.',
    "He’ll be here, and who’re you? We’ll see, she'll win.",
    'A good dog! A class of its own, as sure as ever.',
    'Room 455, table 5s, at 4:55pm; it cost 100$ and €55.',
    'Back in the 80s and 90s we had 88 of them, 1st of all.',
    'Wow! That is so cool!!! I love it sooo much + more',
    'Write to me@home.example, @anna and @ben! 8 people, 6 cats, 9 dogs.',
    'The therapist’s assessment of Scunthorpe passes the grasshopper.',
    'As so often: it is I, too. The bell, the shell, the hello.',
    'iOS 18, a 4x4, an mp3 and A4 paper; 5 of 5 stars',
    'Shoot, the boot is too loose. Plan B it is.',
  ],
  German: [
    'Das ist ja so ein schöner Tag, und Todd hat Geburtstag!',
    'Schifffahrt im Nassen: Klasse, wir hatten Spaß am Seeelefanten.',
    'Um 5 vor 8 bin ich da, mit 6 von 9 Leuten + Hund.',
    'Hallo! Er ist im Haus, an uns liegt es nicht.',
    'Hassen? Nein: Hasen! Der Rat der Ratten.',
    'Die 80er, A4, 1. Mai, 14 Uhr 88, Preis 5€',
    'Was er sagt, ist mir egal; sie hat es so gewollt.',
  ],
}
const hidden = [
  ...[
    'ass',
    'ss',
    'hell',
    'idiot',
    'penis',
    'anus',
    'whore',
    'shit',
    'fuck',
    'bitch',
    'cunt',
    'tit',
    'god',
    'rapist',
  ],
  ...[
    'hure',
    'tod',
    'arsch',
    'depp',
    'nazi',
    'hasen los',
    'sau',
    'mist',
    'ill',
    'bb',
    'la',
    'gg',
    'ios app',
    'slut',
  ],
  ...['shot', 'lose', 'bot', 'anal', 'bastard', 'go home', 'loser', '18 88'],
]

for (const [language, sentences] of Object.entries(harmless))
  test(`what people say every day in ${language} is never taken for a hidden word`, () => {
    const found = sentences.flatMap((text) =>
      hidden.filter((word) => hasHiddenWord(text, [word])).map((word) => `${word}: ${text}`),
    )
    assert.deepEqual(found, [])
  })

test('a hidden number never hides words, nor other numbers', () => {
  assert.equal(hasHiddenWord('ist 88 genug?', ['88']), true)
  for (const text of ['la vie, bb', '888', '18.8 km', 'bb', 'ia'])
    for (const word of ['88', '14', '4']) assert.equal(hasHiddenWord(text, [word]), false, `${word}: ${text}`)
})

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
