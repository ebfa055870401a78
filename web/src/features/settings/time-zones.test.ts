import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeZone, listZones, matchZones } from './time-zones.ts'

const winter = new Date('2026-01-15T12:00:00Z')
const zones = listZones('Asia/Kathmandu', winter)
const found = (wanted: string) => matchZones(zones, wanted).map(({ name }) => name)

test('a zone is found by city, by region, by offset and without accents', () => {
  assert.deepEqual(found('berl'), ['Europe/Berlin'])
  assert.ok(found('new york').includes('America/New_York'))
  assert.ok(found('europe utc+1').includes('Europe/Paris'))
  assert.ok(found('São_P').includes('America/Sao_Paulo'))
  assert.deepEqual(found('nowhere'), [])
})

test('a city is found by the name that it has today, once', () => {
  for (const city of ['Kathmandu', 'Kolkata', 'Kyiv', 'Ho Chi Minh', 'Yangon'])
    assert.equal(found(city).length, 1, city)
})

test('the zone that is chosen and UTC are in the list, each once', () => {
  for (const name of ['UTC', 'Asia/Kathmandu'])
    assert.equal(zones.filter((zone) => zone.name === name).length, 1, name)
  assert.deepEqual(describeZone('America/Argentina/Buenos_Aires', winter), {
    name: 'America/Argentina/Buenos_Aires',
    city: 'Buenos Aires',
    region: 'America, Argentina',
    offset: 'UTC-3',
  })
})
