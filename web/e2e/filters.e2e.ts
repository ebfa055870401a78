import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type Edits, filterIds } from '@heliograph/contract/edits'
import type { FilterId } from '@heliograph/contract/filters'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { meanDeltaE } from '../../bench/delta-e.ts'
import { buildPerson, type Person } from '../../server/test/helpers/factories.ts'
import { en as words } from '../src/features/edit/edit-words.en.ts'
import { choosePhotographs } from './helpers/people.ts'
import type { PickedFile } from './helpers/photographs.ts'
import { twelvePictures } from './helpers/pictures.ts'
import { openWorld, type World } from './helpers/world.ts'

const isLong = process.env.HELIOGRAPH_TEST_LONG === '1'
/** Mean over a picture; 1 is just noticeable side by side. */
const mostDeltaE = 3

let world: World
let ana: Person
let pictures: PickedFile[]
before(async () => {
  world = await openWorld()
  ana = await buildPerson(world.app.client)
  pictures = await twelvePictures()
})
after(() => world[Symbol.asyncDispose]())

interface Wish {
  filter: FilterId | null
  edits: Edits | null
}

const adjusted: Wish[] = [
  { filter: null, edits: { brightness: 30, contrast: 25, warmth: 40, saturation: 30 } },
  { filter: null, edits: { brightness: -25, contrast: -30, warmth: -40, saturation: -40, sharpen: 80 } },
  { filter: 'golden', edits: { strength: 55, vignette: 70, straighten: 6.5 } },
  { filter: 'ember', edits: { straighten: -12, sharpen: 50, contrast: 20 } },
]
const filtered: Wish[] = filterIds.map((filter) => ({ filter, edits: null }))

/** One for each of the twelve, every second filter among them; in the long form all for all. */
function wishesFor(at: number): Wish[] {
  const all = [...filtered, ...adjusted]
  return isLong ? all : [all[(2 * at) % all.length]!]
}

describe('the preview and the rendered picture', () => {
  test('are the same to the eye by WebGL', {
    timeout: isLong ? 1_200_000 : 240_000,
  }, async (t) => {
    await using phone = await world.openPhone({ token: ana.token })
    const used = new Set(pictures.flatMap((_, at) => wishesFor(at).map(({ filter }) => filter)))
    for (const id of isLong ? filterIds : filterIds.filter((_, at) => at % 2 === 0))
      assert.ok(used.has(id), id)
    const found: Compared[] = []
    for (const from of [0, 6]) {
      const six = pictures.slice(from, from + 6)
      found.push(...(await compare(phone.page, six, (at) => wishesFor(from + at))))
    }
    report(found, (text) => t.diagnostic(text))
    assert.deepEqual(phone.complaints, [])
  })

  test('are the same to the eye where there is no WebGL', { timeout: 120_000 }, async (t) => {
    await using phone = await world.openPhone({ token: ana.token })
    await phone.page.addInitScript(() => {
      const { getContext } = HTMLCanvasElement.prototype
      HTMLCanvasElement.prototype.getContext = function (
        this: HTMLCanvasElement,
        kind: string,
        ...rest: never[]
      ) {
        return kind === 'webgl' ? null : getContext.call(this, kind, ...rest)
      } as typeof getContext
    })
    const found = await compare(phone.page, [pictures[9]!], () => adjusted.slice(1, 3))
    report(found, (text) => t.diagnostic(text))
  })

  test('a context that the system takes away leaves no wrong preview', { timeout: 60_000 }, async () => {
    await using phone = await world.openPhone({ token: ana.token })
    await phone.page.addInitScript(() => {
      const { getContext } = HTMLCanvasElement.prototype
      HTMLCanvasElement.prototype.getContext = function (
        this: HTMLCanvasElement,
        kind: string,
        ...rest: never[]
      ) {
        const context = getContext.call(this, kind, ...rest)
        if (kind === 'webgl') Object.assign(window, { lastWebGl: context })
        return context
      } as typeof getContext
    })
    const { page } = phone
    await openEditor(page, [pictures[9]!])
    const change = async (lose: boolean) =>
      await page.evaluate((isLost) => {
        const { lastWebGl } = window as unknown as { lastWebGl: WebGLRenderingContext }
        const held = window as unknown as { lossOf?: WEBGL_lose_context | null }
        held.lossOf ??= lastWebGl.getExtension('WEBGL_lose_context')
        if (isLost) held.lossOf?.loseContext()
        else held.lossOf?.restoreContext()
      }, lose)
    const shown: Uint8Array[] = []
    for (const state of ['there', 'lost', 'back'] as const) {
      if (state !== 'there') await change(state === 'lost')
      await pause(100)
      await wish(page, { filter: 'silver', edits: null })
      await wish(page, { filter: 'golden', edits: { contrast: 20 } })
      shown.push((await previewOf(page)).pixels)
    }
    assert.ok(meanDeltaE(shown[0]!, shown[1]!) < 0.6, 'drawn by hand meanwhile')
    assert.ok(meanDeltaE(shown[0]!, shown[2]!) < 0.01, 'and by WebGL again')
  })
})

interface Compared {
  picture: string
  wish: Wish
  deltaE: number
}

/** Previews of all wishes from the editor; then the post is made, and changed to each wish. */
async function compare(
  page: Page,
  files: PickedFile[],
  wishesOf: (at: number) => Wish[],
): Promise<Compared[]> {
  await openEditor(page, files)
  const previews: Preview[][] = []
  for (const at of files.keys()) {
    if (files.length > 1) await page.getByRole('button', { name: `Photograph ${at + 1} of` }).click()
    const seen: Preview[] = []
    for (const one of wishesOf(at)) {
      await wish(page, one)
      seen.push(await previewOf(page))
    }
    previews.push(seen)
  }
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  const post = await sharedPost()

  const found: Compared[] = []
  for (const round of wishesOf(0).keys()) {
    const media = post.media.map(({ id }, at) => ({ id, ...wishesOf(at)[round]! }))
    await ana.call('PATCH /api/posts/:id', { params: { id: post.id }, body: { media } })
    await world.app.settle()
    const { media: ready } = await ana.call('GET /api/posts/:id', { params: { id: post.id } })
    for (const [at, { largeUrl, filter }] of ready.entries()) {
      const wanted = wishesOf(at)[round]!
      assert.equal(filter, wanted.filter)
      const { width, height, pixels } = previews[at]![round]!
      const large = await fetch(new URL(largeUrl!, world.app.url)).then((answer) => answer.arrayBuffer())
      const rendered = await sharp(large)
        .resize(width, height, { fit: 'fill' })
        .removeAlpha()
        .raw()
        .toBuffer()
      found.push({ picture: files[at]!.name, wish: wanted, deltaE: meanDeltaE(pixels, rendered) })
    }
  }
  return found
}

function report(found: Compared[], say: (text: string) => void): void {
  const sorted = found.toSorted((a, b) => b.deltaE - a.deltaE)
  const mean = found.reduce((sum, { deltaE }) => sum + deltaE, 0) / found.length
  say(`mean ΔE2000 over ${found.length}: ${mean.toFixed(2)}, largest ${sorted[0]!.deltaE.toFixed(2)}`)
  for (const { picture, wish: one, deltaE } of sorted) {
    say(
      `${deltaE.toFixed(2)}  ${picture}  ${one.filter ?? '-'} ${one.edits ? JSON.stringify(one.edits) : ''}`,
    )
  }
  for (const one of found) assert.ok(one.deltaE <= mostDeltaE, JSON.stringify(one))
}

async function openEditor(page: Page, files: PickedFile[]): Promise<void> {
  await page.goto('/share')
  const fresh = page.getByRole('button', { name: 'Start anew' })
  await fresh
    .or(page.getByRole('button', { name: 'Choose photographs' }))
    .first()
    .waitFor()
  if (await fresh.isVisible()) await fresh.click()
  await choosePhotographs(page, files)
  await page.getByRole('button', { name: 'Next' }).click()
  await page.locator('.edit-preview').waitFor()
}

/** By the controls that a person has; what has no edits comes before what has. */
async function wish(page: Page, { filter, edits }: Wish): Promise<void> {
  if (edits) await adjust(page, edits)
  await page.getByRole('tab', { name: 'Filter' }).click()
  await page.getByRole('radio', { name: words[`filter.${filter ?? 'none'}`] }).check()
  if (edits?.strength !== undefined) {
    await page.getByRole('slider', { name: words.strength }).fill(String(edits.strength))
  }
}

async function adjust(page: Page, edits: Edits): Promise<void> {
  await page.getByRole('tab', { name: 'Crop' }).click()
  await page.getByRole('slider', { name: words['adjust.straighten'] }).fill(String(edits.straighten ?? 0))
  await page.getByRole('tab', { name: 'Adjust' }).click()
  for (const name of ['brightness', 'contrast', 'warmth', 'saturation', 'sharpen', 'vignette'] as const) {
    await page.getByRole('radio', { name: words[`adjust.${name}`] }).check()
    await page.getByRole('slider', { name: words[`adjust.${name}`] }).fill(String(edits[name] ?? 0))
  }
}

interface Preview {
  width: number
  height: number
  pixels: Uint8Array
}

async function previewOf(page: Page): Promise<Preview> {
  const address = await page.locator('.edit-preview').evaluate(async (canvas: HTMLCanvasElement) => {
    for (let frames = 0; frames < 3; frames++) await new Promise(requestAnimationFrame)
    return canvas.toDataURL('image/png')
  })
  const png = Buffer.from(address.slice(address.indexOf(',') + 1), 'base64')
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, pixels: data }
}

const seenPosts = new Set<string>()

/** The one that was shared just now, once it is ready. */
async function sharedPost() {
  for (;;) {
    const { items } = await ana.call('GET /api/users/:username/posts', {
      params: { username: ana.username },
    })
    const post = items.find(({ id, status }) => status === 'ready' && !seenPosts.has(id))
    if (post) {
      seenPosts.add(post.id)
      return post
    }
    await pause(100)
  }
}
