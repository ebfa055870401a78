import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mendRecording } from './mended-recording.ts'

function box(name: string, content = ''): string {
  const length = String.fromCharCode(0, 0, 0, 8 + content.length)
  return length + name + content
}
const recording = (text: string, type = 'audio/mp4; codecs=mp4a') =>
  new Blob([Uint8Array.from(text, (letter) => letter.charCodeAt(0))], { type })

test('the end of a recording is not lost where its index stands twice', async () => {
  const begin = box('ftyp') + box('moov', 'x') + box('moof', 'one') + box('mdat', 'first')
  const end = box('moof', 'two') + box('mdat', 'last')
  const mended = await mendRecording(recording(begin + box('moof', 'two') + end))
  assert.equal(await mended.text(), begin + end)
  assert.equal(mended.type, 'audio/mp4; codecs=mp4a')
})

test('what is whole, cut off, or no MP4 stays as it is', async () => {
  const whole = recording(box('ftyp') + box('moof', 'one') + box('mdat', 'first'), 'video/mp4')
  assert.equal(await mendRecording(whole), whole)
  for (const text of [
    '',
    'moof',
    box('ftyp') + box('mdat', 'first').slice(0, -2),
    '\0\0\0\0moof\0\0\0\0moof',
  ]) {
    const odd = recording(text)
    assert.equal(await mendRecording(odd), odd)
  }
  const other = recording(box('moof') + box('moof'), 'audio/webm;codecs=opus')
  assert.equal(await mendRecording(other), other)
})
