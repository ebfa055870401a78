import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { effect } from '@preact/signals'
import { measure, noteStall } from '../../lib/network.ts'
import { type Ahead, fetchAhead, mayFetchAhead, picturesOf, type Wanted } from './fetch-ahead.ts'

/** As much of a picture as is asked of one: it is on its way while it has an address and is not complete. */
class Picture {
  complete = false
  naturalWidth = 0
  clientWidth = 390
  fetchPriority = ''
  sizes = ''
  srcset = ''
  src = ''
  dataset: Record<string, string> = {}
  removeAttribute(name: 'src' | 'srcset'): void {
    this[name] = ''
  }
}

const asked: Picture[] = []
Object.assign(globalThis, {
  devicePixelRatio: 2,
  Image: class extends Picture {
    constructor() {
      super()
      asked.push(this)
    }
  },
})
beforeEach(() => asked.splice(0))

const shownAs = (facts: Partial<Picture>) =>
  picturesOf(Object.assign(new Picture(), facts) as unknown as HTMLImageElement)
const pictureOf = (name: string) => shownAs({ src: `/m/${name}.jpg`, srcset: `/m/${name}.webp 1x` })
const addresses = () => asked.map(({ src, srcset }) => [src, srcset])

test('pictures ahead are called off once the line is slow, but for what has come', (t) => {
  const ahead: Ahead = new Map()
  const next = ['one', 'two', 'three'].flatMap(pictureOf)
  t.after(effect(() => fetchAhead(ahead, mayFetchAhead.value ? next : [])))
  assert.equal(asked.length, 0, 'nothing is known of the line')
  measure(800_000, 400)
  const [first, ...others] = [
    ['/m/one.jpg', '/m/one.webp 1x'],
    ['/m/two.jpg', '/m/two.webp 1x'],
    ['/m/three.jpg', '/m/three.webp 1x'],
  ]
  assert.deepEqual(addresses(), [first, ...others])
  asked[0]!.complete = true
  noteStall()
  assert.deepEqual(addresses(), [first, ['', ''], ['', '']])
  for (let at = 0; at < 20; at++) measure(800_000, 400)
  assert.equal(asked.length, 6, 'a quick line again: they are asked for anew')
})

test('what is under way when its post comes is not called off, and not asked for again', () => {
  const ahead: Ahead = new Map()
  const [one, two, three] = ['one', 'two', 'three'].map(pictureOf) as [Wanted[], Wanted[], Wanted[]]
  fetchAhead(ahead, [...one, ...two])
  fetchAhead(ahead, [...two, ...three], one)
  assert.deepEqual(
    asked.map(({ src }) => src),
    ['/m/one.jpg', '/m/two.jpg', '/m/three.jpg'],
  )
  fetchAhead(ahead, three, two)
  assert.equal(asked[0]!.src, '', 'its post is past')
})

test('the large rendition does not come ahead where the screen shows no more than the medium has', () => {
  const keys = (facts: Partial<Picture>) => shownAs({ src: '/m/medium.webp', ...facts }).map(({ key }) => key)
  const steps = { large: '/m/large.webp', largeAbove: '704' }
  assert.deepEqual(keys({ dataset: steps }), [' /m/medium.webp', ' /m/large.webp'])
  assert.deepEqual(keys({ dataset: steps, clientWidth: 352 }), [' /m/medium.webp'])
  assert.deepEqual(keys({}), [' /m/medium.webp'])
  const here = { complete: true, naturalWidth: 640 }
  assert.deepEqual(keys({ dataset: steps, ...here }), [' /m/large.webp'])
  assert.deepEqual(keys(here), [])
})
