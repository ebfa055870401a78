import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cleanCaptions } from './media-captions-text.ts'

const clean = (text: string) => cleanCaptions(Buffer.from(text))
const one = (text: string) => clean(`WEBVTT\n\n00:01.000 --> 00:02.000\n${text}\n`)

test('cues keep their times, places and words', () => {
  assert.equal(
    clean(
      'WEBVTT - Weather\r\nKind: captions\r\n\r\nintro\r\n00:01.000 --> 00:02.500 align:start line:10% foo:bar\r\nGood evening\r\nto all\r\n\r\n01:00:00.000 --> 01:00:01.000\r\nEnd\r\n',
    ),
    'WEBVTT\n\n00:00:01.000 --> 00:00:02.500 align:start line:10%\nGood evening\nto all\n\n01:00:00.000 --> 01:00:01.000\nEnd\n',
  )
  assert.ok(clean('\ufeffWEBVTT\n00:01.000 --> 00:02.000\nwith a mark, and no empty line\n'))
})

test('nothing but words is kept: no style, note, region, tag, voice or script', () => {
  const text = clean(
    'WEBVTT\n\nSTYLE\n::cue { background: url(https://evil.example/) }\n\nREGION\nid:a\n\nNOTE from GPS 48.1\n\n00:01.000 --> 00:02.000\n<v Ann><b>Hi</b> <script>alert(1)</script><img src=x onerror=y> & 1 &lt; 2\n',
  )
  assert.equal(text, 'WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nHi alert(1) &amp; 1 &lt; 2\n')
})

test('what is left of a broken tag starts no new one', () => {
  assert.equal(one('a <b')?.split('\n')[3], 'a')
  assert.equal(one('<<script>script>x')?.split('\n')[3], 'script&gt;x')
  assert.equal(one('&lt;script&gt;')?.split('\n')[3], '&lt;script&gt;')
})

test('other files are no captions', () => {
  for (const text of [
    '',
    'WEBVTT',
    'WEBVTTX\n\n00:01.000 --> 00:02.000\nx',
    '1\n00:00:01,000 --> 00:00:02,000\nsrt',
  ])
    assert.equal(clean(text), null, text)
  assert.equal(clean('WEBVTT\n\n00:02.000 --> 00:01.000\nbackwards\n'), null)
  assert.equal(cleanCaptions(Buffer.from([0x57, 0x45, 0x42, 0x56, 0x54, 0x54, 0x0a, 0xff, 0xfe])), null)
})

test('whatever comes in, what goes out is read as it was written', () => {
  const piece = fc.constantFrom(
    'WEBVTT',
    '\n',
    '\n\n',
    '00:01.000 --> 00:02.000',
    '-->',
    '<',
    '>',
    '&',
    'NOTE',
    'x',
    '\r',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60, size: 'max' }), (pieces) => {
      const once = clean(`WEBVTT\n\n${pieces.join('')}`)
      if (once === null) return
      assert.equal(clean(once), once)
      assert.doesNotMatch(once.replaceAll(/^.* --> .*$/gm, ''), /[<>]/)
    }),
  )
})
