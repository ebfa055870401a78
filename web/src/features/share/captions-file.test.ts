import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readCaptions } from './captions-file.ts'

const isTaken = async (content: string | Uint8Array<ArrayBuffer>) =>
  (await readCaptions(new Blob([content]))) !== undefined

test('WebVTT is taken, with and without a mark of its byte order', async () => {
  assert.equal(await isTaken('WEBVTT\n\n00:00.000 --> 00:01.000\nA word'), true)
  assert.equal(await isTaken('\ufeffWEBVTT - a film\r\n\r\n'), true)
})

test('other files of captions, other texts and other bytes are refused before they go up', async () => {
  assert.equal(await isTaken('1\n00:00:00,000 --> 00:00:01,000\nA word'), false)
  assert.equal(await isTaken('WEBVTTX'), false)
  assert.equal(await isTaken(''), false)
  assert.equal(await isTaken(new Uint8Array([0x57, 0x45, 0x42, 0x56, 0x54, 0x54, 0x0a, 0xff, 0xfe])), false)
})
