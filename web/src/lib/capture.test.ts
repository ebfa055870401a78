import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { captureTime, cameraLine as lineOf } from './camera-line.ts'
import { momentOf } from './zoned-time.ts'

/** With plain spaces. */
const cameraLine = (...of: Parameters<typeof lineOf>) => lineOf(...of).replaceAll('\u00a0', ' ')

describe('the line of a camera', () => {
  test('has each thing once, in the reader’s numbers', () => {
    const nikon = {
      camera: 'Nikon Z 6',
      lens: 'NIKKOR Z 35mm f/1.8 S',
      exposureSeconds: 1 / 250,
      aperture: 1.8,
      iso: 12_800,
      focalLengthMm: 35,
    }
    assert.equal(
      cameraLine(nikon, 'en'),
      'Nikon Z 6 · NIKKOR Z 35mm f/1.8 S · 35 mm · f/1.8 · 1/250 s · ISO 12800',
    )
    assert.match(cameraLine(nikon, 'de'), /35 mm · f\/1,8 · 1\/250 s/)
  })

  test('never says a phone’s name twice', () => {
    const phone = {
      camera: 'Apple iPhone 15 Pro',
      lens: 'iPhone 15 Pro back triple camera 6.765mm f/1.78',
      focalLengthMm: 6.765,
      aperture: 1.78,
    }
    assert.equal(cameraLine(phone, 'en'), 'Apple iPhone 15 Pro · back triple camera · 6.8 mm · f/1.8')
    assert.equal(
      cameraLine({ ...phone, lens: 'iPhone 15 Pro' }, 'en'),
      'Apple iPhone 15 Pro · 6.8 mm · f/1.8',
    )
  })

  test('never breaks between a number and its unit', () => {
    assert.match(lineOf({ iso: 100, focalLengthMm: 35 }, 'en'), /^35\u00a0mm · ISO\u00a0100$/)
  })

  test('says long exposures in seconds, and nothing when nothing is known', () => {
    assert.equal(cameraLine({ exposureSeconds: 30 }, 'en'), '30 s')
    assert.equal(cameraLine({ exposureSeconds: 0.5 }, 'de'), '0,5 s')
    assert.equal(cameraLine({}, 'en'), '')
    assert.equal(cameraLine(undefined, 'en'), '')
  })

  test('shows the clock on the wall, wherever it is read', () => {
    assert.equal(captureTime('2026-05-17T18:30:05+09:00', 'en-GB'), '17 May 2026 at 18:30')
    const here = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeStyle: 'short' })
    const moment = '2026-11-23T09:20:30Z'
    assert.equal(captureTime(moment, 'en'), here.format(Date.parse(moment)))
    assert.equal(captureTime('2026-05-17T18:30:05', 'de'), '17. Mai 2026 um 18:30')
  })
})

describe('the moment of a capture', () => {
  const iso = (capturedAt: string, zone: string) => momentOf(capturedAt, zone)?.toISOString()

  test('goes by the offset that the camera wrote, whatever zone the person lives in', () => {
    assert.equal(iso('2026-05-17T18:30:05+09:00', 'Europe/Berlin'), '2026-05-17T09:30:05.000Z')
    assert.equal(iso('2026-05-17T18:30:05-11:30', 'UTC'), '2026-05-18T06:00:05.000Z')
  })

  test('without one goes by the person’s time zone, summer and winter', () => {
    assert.equal(iso('2026-05-17T18:30:05', 'Europe/Berlin'), '2026-05-17T16:30:05.000Z')
    assert.equal(iso('2026-01-17T18:30:05', 'Europe/Berlin'), '2026-01-17T17:30:05.000Z')
    assert.equal(iso('2026-01-01T00:00:00', 'Pacific/Kiritimati'), '2025-12-31T10:00:00.000Z')
    assert.equal(iso('2026-01-01T00:00:00', 'Asia/Kathmandu'), '2025-12-31T18:15:00.000Z')
  })

  test('never fails where clocks change', () => {
    // 2026-03-29: Berlin goes from 2:00 to 3:00; 2026-10-25: from 3:00 back to 2:00.
    assert.equal(iso('2026-03-29T01:59:59', 'Europe/Berlin'), '2026-03-29T00:59:59.000Z')
    assert.equal(iso('2026-03-29T03:00:00', 'Europe/Berlin'), '2026-03-29T01:00:00.000Z')
    assert.equal(iso('2026-03-29T02:30:00', 'Europe/Berlin'), '2026-03-29T00:30:00.000Z')
    assert.equal(iso('2026-10-25T02:30:00', 'Europe/Berlin'), '2026-10-25T00:30:00.000Z')
    assert.equal(iso('2026-10-25T03:00:00', 'Europe/Berlin'), '2026-10-25T02:00:00.000Z')
  })

  test('is none, or by UTC, where nothing sensible is written', () => {
    assert.equal(iso('not a time', 'UTC'), undefined)
    assert.equal(iso('2026-05-17T18:30:05+99:99', 'UTC'), undefined)
    assert.equal(iso('2026-05-17T18:30:05', 'Nowhere/Land'), '2026-05-17T18:30:05.000Z')
  })
})
