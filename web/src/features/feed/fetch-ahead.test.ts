import assert from 'node:assert/strict'
import { test } from 'node:test'
import { effect } from '@preact/signals'
import { measure, noteStall } from '../../lib/network.ts'
import { fetchAhead, mayFetchAhead } from './fetch-ahead.ts'

/** As much of a picture as is asked of one: it is on its way while it has an address and is not complete. */
class Picture {
  complete = false
  naturalWidth = 0
  fetchPriority = ''
  sizes = ''
  srcset = ''
  src = ''
  removeAttribute(name: 'src' | 'srcset'): void {
    this[name] = ''
  }
}

const asked: Picture[] = []
Object.assign(globalThis, {
  Image: class extends Picture {
    constructor() {
      super()
      asked.push(this)
    }
  },
})

const pictureOf = (name: string) =>
  Object.assign(new Picture(), {
    src: `/m/${name}.jpg`,
    srcset: `/m/${name}.webp 1x`,
  }) as unknown as HTMLImageElement

test('pictures ahead are called off once the line is slow, but for what has come', (t) => {
  const ahead = new Map<HTMLImageElement, HTMLImageElement>()
  const next = ['one', 'two', 'three'].map(pictureOf)
  t.after(effect(() => fetchAhead(ahead, mayFetchAhead.value ? next : [])))
  assert.equal(asked.length, 0, 'nothing is known of the line')
  measure(800_000, 400)
  assert.deepEqual(
    asked.map(({ src, srcset }) => [src, srcset]),
    next.map(({ src, srcset }) => [src, srcset]),
  )
  const [come, ...waiting] = asked
  come!.complete = true
  noteStall()
  assert.equal(come!.src, '/m/one.jpg')
  assert.deepEqual(
    waiting.map(({ src, srcset }) => [src, srcset]),
    [
      ['', ''],
      ['', ''],
    ],
  )
  for (let at = 0; at < 20; at++) measure(800_000, 400)
  assert.equal(asked.length, 6, 'a quick line again: they are asked for anew')
})
