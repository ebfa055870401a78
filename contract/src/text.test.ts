import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { limits } from './limits.ts'
import { codePointLength, isBlank, normalizeHashtag, parseText, valuesOf } from './text.ts'

/** `#tag` and `@name` in the order they stand, as `kind:value@start-end`. */
function check(text: string, expected: string[]): void {
  const found = parseText(text).map(({ kind, start, end, value }) => `${kind}:${value}@${start}-${end}`)
  assert.deepEqual(found, expected, text)
}

function checkValues(text: string, expected: string[]): void {
  const found = parseText(text).map(({ kind, value }) => (kind === 'hashtag' ? '#' : '@') + value)
  assert.deepEqual(found, expected, text)
}

describe('hashtags', () => {
  test('are found with their place', () => {
    check('#sun over the #Sea_2', ['hashtag:sun@0-4', 'hashtag:sea_2@14-20'])
    check('(#sun), "#sea".', ['hashtag:sun@1-5', 'hashtag:sea@9-13'])
  })

  test('written without a space between are all found', () => {
    check('#sun#sea', ['hashtag:sun@0-4', 'hashtag:sea@4-8'])
  })

  test('need a letter', () => {
    for (const text of ['#', '##', '#1', '#2026', '#_', '#-a', '# a', '#½']) checkValues(text, [])
    checkValues('#1st', ['#1st'])
    checkValues('##a', ['#a'])
  })

  test('inside words, e-mail addresses, web addresses and HTML entities are left alone', () => {
    for (const text of [
      'C#sharp',
      'a_#b',
      'https://example.org/#top',
      'HTTPS://example.org/page#top?x=#y',
      'see example.org/#top',
      'example.org/page#top',
      '&#x27; &#abc;',
    ])
      checkValues(text, [])
  })

  test('after East Asian punctuation behind an address are found', () => {
    checkValues('https://example.org。#海', ['#海'])
  })

  test('keep the marks of scripts that write vowels as marks', () => {
    checkValues('#हिन्दी #தமிழ் #ภาษาไทย', ['#हिन्दी', '#தமிழ்', '#ภาษาไทย'])
    checkValues('#עברית‎ #العربية', ['#עברית', '#العربية'])
  })

  test('keep the joiners that Persian and Indic scripts write inside words, and those alone', () => {
    const persian = '#می\u200cخواهم'
    assert.deepEqual(
      parseText(`${persian} ok`).map(({ start, end, value }) => [start, end, value]),
      [[0, persian.length, 'میخواهم']],
    )
    assert.equal(parseText('#क\u094d\u200dष')[0]?.end, '#क\u094d\u200dष'.length)
    assert.equal(parseText('#sun\u200d').at(0)?.end, 4)
    assert.equal(parseText('#sun\u200d☀').at(0)?.end, 4)
  })
  test('with a full-width sign are found', () => {
    check('＃写真 ＃ＳＵＮ', ['hashtag:写真@0-3', 'hashtag:sun@4-8'])
  })

  test('emoji end a tag and a keycap starts none', () => {
    check('😀#sun☀️', ['hashtag:sun@2-6'])
    checkValues('#️⃣ #️⃣abc #1️⃣', [])
    check('#sea🌊#sun', ['hashtag:sea@0-4', 'hashtag:sun@6-10'])
  })

  test('count UTF-16 units where letters take two', () => {
    check('𝒳 #𐐷𐐐', ['hashtag:𐐷𐐸@3-8'])
  })

  test('longer than 100 letters are no hashtags', () => {
    const longest = 'a'.repeat(limits.hashtagLength)
    checkValues(`#${longest}`, [`#${longest}`])
    checkValues(`#${longest}a`, [])
    checkValues(`#${'𐐷'.repeat(limits.hashtagLength)}`, [`#${'𐐷'.repeat(limits.hashtagLength)}`])
  })
})

describe('mentions', () => {
  test('are found with their place, in lower case', () => {
    check('hi @Anna_1, @b.c!', ['mention:anna_1@3-10', 'mention:b.c@12-16'])
    check('＠anna', ['mention:anna@0-5'])
  })

  test('end before the dots that follow them', () => {
    checkValues('@anna. @bert... @carl..x', ['@anna', '@bert', '@carl'])
  })

  test('inside e-mail addresses and addresses of other networks are left alone', () => {
    for (const text of ['anna@example.org', 'a.b_@example.org', '@anna@example.org', '_@anna', '/@anna'])
      checkValues(text, [])
  })

  test('do not cut a word with an accent short', () => {
    checkValues('@müller @annaé @e\u0301', [])
  })

  test('go before scripts that write without spaces', () => {
    checkValues('@anna你好 @annaさん', ['@anna', '@anna'])
  })

  test('longer than a name can be are none', () => {
    checkValues(`@${'a'.repeat(30)}`, [`@${'a'.repeat(30)}`])
    checkValues(`@${'a'.repeat(31)}`, [])
  })
})

describe('normalizeHashtag', () => {
  test('different ways of writing a tag are one tag', () => {
    const same = (a: string, b: string) => assert.equal(normalizeHashtag(a), normalizeHashtag(b), `${a} ${b}`)
    same('STRASSE', 'straße')
    same('STRAẞE', 'straße')
    same('ΣΊΣΥΦΟΣ', 'σίσυφος')
    same('ﬁre', 'FIRE')
    same('ＳＵＮ', 'sun')
    same('cafe\u0301', 'CAFÉ')
    same('葛\u{e0100}城', '葛城')
    same('a\u200bb'.replace('\u200b', '\u00ad'), 'ab')
  })

  test('a beginning folds to the beginning of the whole', () => {
    assert.ok(normalizeHashtag('ΟΔΥΣΣΕΥΣ')!.startsWith(normalizeHashtag('ΟΔΥΣ')!))
  })

  test('what cannot be seen is no tag', () => {
    for (const tag of ['', '\u3164', '\u115f\u1160', '\ufe0f', '12', 'a b', 'a-b', 'ﷺ', '#a'])
      assert.equal(normalizeHashtag(tag), undefined, JSON.stringify(tag))
  })

  test('folding what is folded changes nothing, for every letter there is', () => {
    for (let code = 0; code <= 0x10ffff; code++) {
      if (code >= 0xd800 && code <= 0xdfff) continue
      const once = normalizeHashtag(`a${String.fromCodePoint(code)}b`)
      if (once !== undefined) assert.equal(normalizeHashtag(once), once, code.toString(16))
    }
  })
})

const scraps = fc.constantFrom(
  ...[
    '#',
    '＃',
    '@',
    '＠',
    '.',
    '..',
    '_',
    '/',
    '&',
    ' ',
    '\n',
    'a',
    'Z',
    '7',
    'ß',
    'ẞ',
    'İ',
    'σ',
    'é',
    'e\u0301',
  ],
  ...[
    'हि',
    'न्',
    '写',
    '、',
    '。',
    '\ufe0f',
    '\u20e3',
    '\u200d',
    '\u3164',
    '😀',
    '\ud83d',
    '\ude00',
    '𐐷',
    'ﷺ',
  ],
  ...['http://', 'https://', 'h', 'www.', 'x@y.z', '\u202e', '\u05d0', '\u0645'],
)
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60, size: 'max' }),
  fc.array(scraps, { maxLength: 60, size: 'max' }).map((parts) => parts.join('')),
)

describe('any text', () => {
  test('spans lie in order inside the text and slice back to what they name', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        let reached = 0
        for (const span of parseText(text)) {
          assert.ok(span.start >= reached && span.end > span.start + 1 && span.end <= text.length)
          reached = span.end
          const shown = text.slice(span.start + 1, span.end)
          const sign = text[span.start]!
          if (span.kind === 'hashtag') {
            assert.ok('#＃'.includes(sign))
            assert.equal(normalizeHashtag(shown), span.value)
          } else {
            assert.ok('@＠'.includes(sign))
            assert.equal(shown.toLowerCase(), span.value)
            assert.match(span.value, /^(?!.*\.\.)[a-z0-9_][a-z0-9_.]{0,29}$/)
          }
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('a span never ends inside a letter of two units', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const whole = text.toWellFormed()
        for (const { start, end } of parseText(whole)) assert.ok(whole.slice(start, end).isWellFormed())
      }),
    )
  })

  test('what was found stands alone too', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        for (const span of parseText(text)) {
          const alone = parseText(text.slice(span.start, span.end))
          assert.deepEqual(alone, [{ ...span, start: 0, end: span.end - span.start }])
        }
      }),
    )
  })

  /** Quadratic work on 400,000 letters would take hours, linear work takes milliseconds: this test ends, or not. */
  test('a hostile text costs no more than its length', () => {
    const pieces = [
      '#',
      '@',
      '@a.',
      '@a',
      '#a',
      '#a@',
      'h',
      'http',
      'https://',
      '@a..',
      '.@',
      'ß#',
      '@_.',
      '\u0301#',
    ]
    for (const piece of pieces) {
      const text = piece.repeat(Math.ceil(400_000 / piece.length))
      for (const span of parseText(text)) assert.ok(span.end <= text.length)
    }
  })
})

test('values are named once, in order of appearance', () => {
  const spans = parseText('#b #a #B @x @X')
  assert.deepEqual(valuesOf(spans, 'hashtag'), ['b', 'a'])
  assert.deepEqual(valuesOf(spans, 'mention'), ['x'])
})

test('length counts letters of two units once', () => {
  assert.equal(codePointLength('a😀\ud83d'), 3)
})

test('a comment of nothing but invisible characters does not count as one', () => {
  for (const text of ['', '   ', '\u200b', '\u2800\u3164', '\u202e\u00a0\n'])
    assert.equal(isBlank(text), true)
  for (const text of ['.', ' a ', '🔥', '\u0301']) assert.equal(isBlank(text), false)
})
