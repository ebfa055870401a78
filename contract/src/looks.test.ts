import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type Color, colorLookOf, lumaOf } from './color-look.ts'
import { bakeColorTable, cubeFileOf, tableSide, tableUnit } from './color-table.ts'
import { type EditName, type Edits, editRanges, filterIds, isSameEdits, tidyEdits } from './edits.ts'
import { Edits as EditsSchema, FilterName } from './edits-schema.ts'
import { type Filter, filters } from './filters.ts'
import { applyLook, lookOf, type Pixels, sharpenGain } from './look.ts'
import { curveThrough } from './tone-curve.ts'

const editNames = Object.keys(editRanges) as EditName[]

const anyEdits: fc.Arbitrary<Edits> = fc.record(
  Object.fromEntries(
    editNames.map((name) => [name, fc.integer({ min: editRanges[name].min, max: editRanges[name].max })]),
  ),
  { requiredKeys: [] },
)
const anyFilter = fc.option(fc.constantFrom(...filterIds))

/** Every level of every channel, and colours from all corners of the cube. */
function testPicture(channels: 3 | 4 = 3): Pixels {
  const [width, height] = [64, 48]
  const data = new Uint8Array(width * height * channels)
  for (let at = 0; at < data.length; at++) data[at] = (at * 2_654_435_761) >>> 24
  for (let level = 0; level < 256; level++) data.fill(level, level * channels, (level + 1) * channels)
  return { data, width, height, channels }
}

function rendered(filter: string | null, edits: Edits | null, picture = testPicture()): Pixels['data'] {
  const look = lookOf(filter, edits)
  if (look) applyLook(picture, look)
  return picture.data
}

describe('filters', () => {
  test('are at least sixteen, each with an id and a name of its own', () => {
    assert.ok(filters.length >= 16)
    assert.equal(new Set(filterIds).size, filters.length)
    assert.equal(new Set(filters.map(({ name }) => name)).size, filters.length)
    for (const id of filterIds) assert.match(id, /^[a-z]+(-[a-z]+)*$/)
  })

  test('no two look alike', () => {
    const seen = filterIds.map((id) => rendered(id, null))
    for (const [at, one] of seen.entries()) {
      for (const other of seen.slice(at + 1)) {
        const difference = one.reduce((sum, value, byte) => sum + Math.abs(value - other[byte]!), 0)
        assert.ok(difference / one.length > 2, `${filterIds[at]}`)
      }
    }
  })

  test('never turn light into dark: curves rise, and a brighter grey stays the brighter one', () => {
    for (const filter of filters as readonly Filter[]) {
      for (const points of [filter.curve, filter.red, filter.green, filter.blue]) {
        if (!points) continue
        const curve = curveThrough(points)
        for (let step = 0; step < 1000; step++) {
          assert.ok(curve((step + 1) / 1000) >= curve(step / 1000) - 1e-12, filter.id)
        }
      }
      const look = colorLookOf(filter.id, null)!
      let before = -1
      for (let grey = 0; grey <= 255; grey++) {
        const color: Color = [grey / 255, grey / 255, grey / 255]
        look(color)
        assert.ok(lumaOf(color) >= before - 1e-9, `${filter.id} at ${grey}`)
        before = lumaOf(color)
      }
    }
  })

  test('keep enough of the range that a photograph stays one', () => {
    for (const { id } of filters) {
      const look = colorLookOf(id, null)!
      const [black, white]: [Color, Color] = [
        [0, 0, 0],
        [1, 1, 1],
      ]
      look(black)
      look(white)
      assert.ok(lumaOf(black) < 0.17 && lumaOf(white) > 0.86, id)
    }
  })

  test('with strength 0 change nothing, not even the vignette', () => {
    for (const id of filterIds) assert.equal(lookOf(id, { strength: 0 }), undefined)
  })

  test('grow with their strength', () => {
    const plain = rendered(null, null)
    for (const id of filterIds) {
      const far = [25, 50, 75, 100].map((strength) =>
        rendered(id, { strength }).reduce((sum, value, at) => sum + Math.abs(value - plain[at]!), 0),
      )
      assert.deepEqual(
        far.toSorted((a, b) => a - b),
        far,
        id,
      )
    }
  })
})

describe('looks', () => {
  test('nothing chosen is nothing done', () => {
    const neutral = Object.fromEntries(editNames.map((name) => [name, editRanges[name].neutral]))
    for (const edits of [null, {}, neutral, { straighten: 12 }]) assert.equal(lookOf(null, edits), undefined)
    assert.equal(lookOf('a-filter-of-another-day', null), undefined)
  })

  test('a table that changes nothing changes no byte', () => {
    const picture = testPicture()
    const before = picture.data.slice()
    applyLook(picture, { table: bakeColorTable(() => undefined), sharpen: 0, vignette: 0 })
    assert.deepEqual(picture.data, before)
  })

  test('stay between black and white, and reach the same colours by table as by rule', () => {
    fc.assert(
      fc.property(anyFilter, anyEdits, (filter, edits) => {
        const look = colorLookOf(filter, edits)
        if (!look) return
        const table = bakeColorTable(look)
        assert.ok(table.every((value) => value <= 255 * tableUnit))
        const picture = testPicture()
        const before = picture.data.slice()
        applyLook(picture, { table, sharpen: 0, vignette: 0 })
        let far = 0
        for (let at = 0; at < before.length; at += 3) {
          const color: Color = [before[at]! / 255, before[at + 1]! / 255, before[at + 2]! / 255]
          look(color)
          far += Math.max(
            ...color.map((value, channel) => Math.abs(value * 255 - picture.data[at + channel]!)),
          )
        }
        assert.ok(far / (before.length / 3) < 2, `${far / (before.length / 3)} levels`)
      }),
      { numRuns: 40 },
    )
  })

  test('brightness, contrast and warmth go the way they are turned', () => {
    const grey = (edits: Edits, level: number) => {
      const color: Color = [level, level, level]
      colorLookOf(null, edits)?.(color)
      return color
    }
    assert.ok(grey({ brightness: 50 }, 0.5)[0] > 0.55 && grey({ brightness: -50 }, 0.5)[0] < 0.45)
    assert.ok(grey({ contrast: 50 }, 0.8)[0] > 0.82 && grey({ contrast: -50 }, 0.8)[0] < 0.78)
    const [red, , blue] = grey({ warmth: 50 }, 0.5)
    assert.ok(red > 0.51 && blue < 0.47)
    assert.ok(Math.abs(lumaOf(grey({ warmth: 50 }, 0.5)) - 0.5) < 1e-6, 'no lighter by being warmer')
    const [r, g, b] = grey({ saturation: 100 }, 0.3)
    assert.ok(r === g && g === b, 'grey has nothing to be saturated')
  })

  test('leave what follows the three colours alone', () => {
    const picture = testPicture(4)
    const alphas = () => picture.data.filter((_, at) => at % 4 === 3)
    const before = alphas()
    rendered('golden', { sharpen: 80, vignette: 60, brightness: 20 }, picture)
    assert.deepEqual(alphas(), before)
  })

  test('sharpening makes edges steeper, leaves plain areas alone, and colours no edge', () => {
    const [width, height] = [1080, 4]
    const data = new Uint8Array(width * height * 3)
    for (let at = 0; at < data.length; at++) data[at] = Math.floor(at / 3) % width < 540 ? 100 : 150
    applyLook({ data, width, height, channels: 3 }, { sharpen: 1, vignette: 0 })
    assert.equal(data[0], 100)
    assert.equal(data[(width - 1) * 3], 150)
    assert.ok(data[539 * 3]! < 90 && data[540 * 3]! > 160)
    for (let at = 0; at < data.length; at += 3)
      assert.ok(data[at] === data[at + 1] && data[at] === data[at + 2])
  })

  test('sharpening is as strong in a small preview as in the picture seen small', () => {
    assert.ok(Math.abs(sharpenGain(1, 540) - sharpenGain(1, 1080) / 4) < 1e-9)
  })

  test('the vignette is the same for every size, darkest in the corners and nothing in the middle', () => {
    const shadeAt = (width: number, height: number, x: number, y: number) => {
      const data = new Uint8Array(width * height * 3).fill(200)
      applyLook({ data, width, height, channels: 3 }, { sharpen: 0, vignette: 1 })
      return data[(Math.floor(y * height) * width + Math.floor(x * width)) * 3]!
    }
    assert.equal(shadeAt(301, 201, 0.5, 0.5), 200)
    assert.ok(shadeAt(300, 200, 0, 0) < 110)
    assert.ok(shadeAt(300, 200, 0, 0.5) > shadeAt(300, 200, 0, 0))
    assert.ok(Math.abs(shadeAt(300, 200, 0.1, 0.2) - shadeAt(1080, 720, 0.1, 0.2)) <= 2)
  })
})

describe('a tone curve', () => {
  test('goes through its points and stays between them', () => {
    const points = fc
      .uniqueArray(fc.integer({ min: 0, max: 100 }), { minLength: 2, maxLength: 8 })
      .map((xs) => xs.toSorted((a, b) => a - b))
      .chain((xs) =>
        fc.tuple(
          ...xs.map((x) =>
            fc.tuple(
              fc.constant(x / 100),
              fc.integer({ min: 0, max: 255 }).map((y) => y / 255),
            ),
          ),
        ),
      )
    fc.assert(
      fc.property(points, (given) => {
        const curve = curveThrough(given)
        for (const [x, y] of given) assert.ok(Math.abs(curve(x) - y) < 1e-9)
        for (const [at, [x, y]] of given.slice(0, -1).entries()) {
          const [nextX, nextY] = given[at + 1]!
          const between = curve(x + (nextX - x) * 0.37)
          assert.ok(between >= Math.min(y, nextY) - 1e-9 && between <= Math.max(y, nextY) + 1e-9)
        }
      }),
    )
  })
})

describe('edits', () => {
  test('have one form: what changes nothing is left out', () => {
    assert.equal(tidyEdits({ brightness: 0, strength: 100, straighten: 0 }, 'noon'), null)
    assert.deepEqual(tidyEdits({ contrast: 5, warmth: 0, strength: 0 }, 'noon'), { contrast: 5, strength: 0 })
    assert.equal(tidyEdits({ strength: 40 }, null), null, 'there is no filter to be strong')
    assert.ok(isSameEdits({ contrast: 5, warmth: 0 }, { contrast: 5 }))
    assert.ok(isSameEdits(null, {}))
    assert.ok(!isSameEdits({ contrast: 5 }, null))
  })

  test('out of range or unknown are refused', () => {
    for (const edits of [
      { brightness: 101 },
      { sharpen: -1 },
      { straighten: 26 },
      { strength: 101 },
      { hue: 1 },
    ]) {
      assert.ok(!EditsSchema.safeParse(edits).success, JSON.stringify(edits))
    }
    for (const [name, { min, max }] of Object.entries(editRanges)) {
      for (const value of [min, max]) assert.ok(EditsSchema.safeParse({ [name]: value }).success)
    }
    assert.ok(!FilterName.safeParse('clarendon').success)
  })
})

describe('a .cube file', () => {
  test('has the size of the table and its first, second and last node', () => {
    const table = bakeColorTable(colorLookOf('golden', null)!)
    const lines = cubeFileOf(table, 'Golden').trimEnd().split('\n')
    assert.deepEqual(lines.slice(0, 2), ['TITLE "Golden"', `LUT_3D_SIZE ${tableSide}`])
    assert.equal(lines.length, 2 + tableSide ** 3)
    const byteOf = (value: number) => Math.round(value / tableUnit)
    const node = (line: string) => line.split(' ').map((value) => Math.round(Number(value) * 255))
    assert.deepEqual(node(lines[2]!), [...table.slice(0, 3)].map(byteOf))
    assert.deepEqual(node(lines.at(-1)!), [...table.slice(-3)].map(byteOf))
    assert.ok(node(lines[3]!)[0]! > node(lines[2]!)[0]!, 'red runs fastest')
  })
})
