import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  type Framing,
  isSideways,
  planRegion,
  type Region,
  ratioLimits,
  storedRegion,
  uprightSize,
} from './picture-geometry.ts'

const side = fc.integer({ min: 1, max: 20_000 })
const fraction = fc.double({ min: 0, max: 1, noNaN: true })
const crop = fc.record({ x: fraction, y: fraction, width: fraction, height: fraction })
const maybeCrop = fc.option(crop, { nil: undefined })

const framed = (purpose: Framing['purpose'], chosen?: Framing['crop'], fit?: Framing['fit']): Framing => ({
  purpose,
  crop: chosen,
  fit,
})

describe('planRegion', () => {
  it('keeps an allowed ratio whole', () => {
    assert.deepEqual(planRegion({ width: 4032, height: 3024 }, framed('media')), {
      region: { left: 0, top: 0, width: 4032, height: 3024 },
      large: { width: 1080, height: 810 },
    })
  })

  it('cuts the centre of a panorama and of a tower', () => {
    assert.deepEqual(planRegion({ width: 16_000, height: 3000 }, framed('media')), {
      region: { left: 5135, top: 0, width: 5730, height: 3000 },
      large: { width: 1080, height: 565 },
    })
    assert.deepEqual(planRegion({ width: 1000, height: 4000 }, framed('media')), {
      region: { left: 0, top: 1375, width: 1000, height: 1250 },
      large: { width: 1000, height: 1250 },
    })
  })

  it('takes the chosen part', () => {
    const chosen = { x: 0.25, y: 0.5, width: 0.5, height: 0.5 }
    assert.deepEqual(planRegion({ width: 2000, height: 1600 }, framed('media', chosen)), {
      region: { left: 500, top: 800, width: 1000, height: 800 },
      large: { width: 1000, height: 800 },
    })
  })

  it('makes avatars square, also from a chosen part that is not', () => {
    assert.deepEqual(planRegion({ width: 900, height: 600 }, framed('avatar')), {
      region: { left: 150, top: 0, width: 600, height: 600 },
      large: { width: 320, height: 320 },
    })
    const chosen = { x: 0, y: 0, width: 1, height: 0.5 }
    assert.deepEqual(planRegion({ width: 900, height: 600 }, framed('avatar', chosen)).region, {
      left: 300,
      top: 0,
      width: 300,
      height: 300,
    })
  })

  it('never enlarges, never leaves the picture, never leaves the ratios by more than a pixel', () => {
    fc.assert(
      fc.property(side, side, maybeCrop, (width, height, chosen) => {
        const { region, large } = planRegion({ width, height }, framed('media', chosen))
        assertInside(region, { width, height })
        assert.ok(large.width >= 1 && large.height >= 1)
        assert.ok(large.width <= Math.min(1080, region.width) && large.height <= region.height)
        assert.ok(region.width <= region.height * ratioLimits.max + 1, 'not too wide')
        assert.ok(region.height <= region.width / ratioLimits.min + 1, 'not too tall')
      }),
    )
  })
})

describe('storedRegion', () => {
  it('lies inside the stored pixels and has the turned size', () => {
    fc.assert(
      fc.property(
        side,
        side,
        maybeCrop,
        fc.integer({ min: 1, max: 8 }),
        (width, height, chosen, orientation) => {
          const upright = uprightSize({ width, height }, orientation)
          const { region } = planRegion(upright, framed('media', chosen))
          const stored = storedRegion(region, upright, orientation)
          assertInside(stored, { width, height })
          const expected = isSideways(orientation)
            ? { width: region.height, height: region.width }
            : { width: region.width, height: region.height }
          assert.deepEqual({ width: stored.width, height: stored.height }, expected)
        },
      ),
    )
  })
})

function assertInside(region: Region, whole: { width: number; height: number }): void {
  assert.ok(region.left >= 0 && region.top >= 0 && region.width >= 1 && region.height >= 1)
  assert.ok(region.left + region.width <= whole.width && region.top + region.height <= whole.height)
}
