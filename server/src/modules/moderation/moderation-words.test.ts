import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createWordScreen, pieceLength, readOwnWords } from './moderation-words.ts'

const screen = createWordScreen()

test('harmless words never look like those that they contain', () => {
  const harmless = [
    ...['Scunthorpe', 'Essex', 'Sussex', 'Middlesex', 'Penistone', 'Charles Dickens', 'Moby Dick'],
    ...['cocktails at the dock', 'an assassin in class', 'shiitake', 'the therapist’s analysis', 'grape'],
    ...['cumulus', 'a document', 'Montenegro', 'Nigeria', 'snigger', 'cockpit', 'fuchsia', 'Kung Fu'],
    ...['Barsch mit Zitrone', 'Arsch', 'Kanal', 'die Fackel', 'Fagott', 'Wankelmotor', 'Minutte', 'Fickle'],
    ...[
      'Muscheln',
      'Spaß',
      'Mongolei',
      'Hurra',
      'a b c d e',
      'chink in the armour',
      'Hitchcock',
      'dicke Bohnen',
    ],
  ]
  for (const text of harmless) assert.equal(screen.find(text, 'strong'), null, text)
})

test('spelling them otherwise never hides words', () => {
  const ways = ['fuck', 'FUCK', 'fuuuuck', 'f u c k', 'f.u.c.k', 'f*ck', 'ｆｕｃｋ', 'fսck', 'you f-u-c-k']
  for (const text of ways) assert.equal(screen.find(text, 'strong')?.severity, 'strong', text)
  for (const text of ['N1GG3R', 'KILL  YOURSELF', 'Sieg heil', 'du Schwuchtel', 'bring dich um'])
    assert.equal(screen.find(text, 'strong')?.severity, 'severe', text)
  for (const text of ['Arschloch', 'HURENSOHN', 'W1chser', 'Fotze', 'Schlampe', 'fick dich'])
    assert.equal(screen.find(text, 'strong')?.severity, 'strong', text)
})

test('what is found is told as it was written, the worst severity with it', () => {
  assert.deepEqual(screen.find('You B1TCH and faggot', 'strong'), {
    severity: 'severe',
    words: ['B1TCH', 'faggot'],
  })
  assert.equal(screen.find('You b1tch', 'severe'), null)
  assert.equal(screen.find('a sexy dress', 'strong'), null)
  assert.equal(screen.find('a sexy dress', 'mild')?.severity, 'mild')
})

test('own words are a line each, with a severity before them or none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'words-'))
  const file = join(folder, 'moderation-words.txt')
  writeFileSync(
    file,
    '# what we do not want here\nHeliotrope\nsevere Ballett tanzen # really\n\nmild |glim\n',
  )
  const own = createWordScreen(readOwnWords(file))
  assert.equal(own.find('a HELIOTROPE', 'strong')?.severity, 'strong')
  assert.equal(own.find('heliotropes', 'strong'), null, 'whole words')
  assert.equal(own.find('wir Ballett tanzen', 'severe')?.severity, 'severe')
  assert.equal(own.find('a glimpse', 'mild')?.severity, 'mild')
  assert.deepEqual(readOwnWords(join(folder, 'none.txt')), [])
  rmSync(folder, { recursive: true })
})

test('in a long text no word is lost, nor found that is not there, wherever it stands', async () => {
  const filling = 'a quiet lake '.repeat(700)
  for (let at = pieceLength - 160; at <= pieceLength + 20; at++) {
    const withWord = (word: string) => `${filling.slice(0, at)} ${word} ${filling.slice(at)}`
    for (const [word, severity] of [
      ['Hurensohn', 'strong'],
      ['kill yourself', 'severe'],
    ] as const)
      assert.deepEqual(screen.find(withWord(word), 'strong'), { severity, words: [word] }, `${at}`)
    for (const harmless of ['Scunthorpe', 'Topografick', 'moby dick'])
      assert.equal(screen.find(withWord(harmless), 'strong'), null, `${harmless} at ${at}`)
  }
  const end = `${filling}${filling} Hurensohn`
  assert.deepEqual(await screen.findInTurns(end, 'strong'), screen.find(end, 'strong'))
})
