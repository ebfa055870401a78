import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it, type TestContext } from 'node:test'
import { compare, isFault } from '../../../../test/corpus/differential.ts'
import { buildHeic, takeCodedPicture } from '../../../../test/corpus/heic-builder.ts'
import { type OddPhotograph, oddPhotographs } from '../../../../test/corpus/odd-photographs.ts'
import { createLedger } from '../../../../test/corpus/spent.ts'
import { createMediaPool, MediaError, type MediaPool } from './media-pool.ts'

const isLong = process.env.HELIOGRAPH_TEST_LONG === '1'
/** A folder of anybody's photographs: of what a decoder alone can read, 99 % must be ready. */
const ownFolder = process.env.HELIOGRAPH_TEST_PHOTOGRAPHS
const folder = mkdtempSync(join(tmpdir(), 'media-corpus-'))
after(() => rmSync(folder, { recursive: true }))

const heic = (name: string) => readFileSync(new URL(`../../../../test/corpus/files/${name}`, import.meta.url))

/**
 * Works through all with as many processes as there are cores; none of them may be lost, and none may take more memory
 * or time than it has.
 */
async function eachWith<T>(
  test: TestContext,
  items: readonly T[],
  work: (pool: MediaPool, item: T, outDir: string) => Promise<void>,
): Promise<void> {
  const lost: object[] = []
  const size = availableParallelism()
  const ledger = createLedger()
  await using pool = createMediaPool({
    size,
    log: { warn: (fields) => lost.push(fields) },
    onSpent: ledger.note,
  })
  const waiting = [...items]
  const next = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      const outDir = mkdtempSync(join(folder, 'out-'))
      await work(pool, item, outDir)
      rmSync(outDir, { recursive: true })
    }
  }
  await Promise.all(Array.from({ length: size }, next))
  assert.deepEqual(lost, [], 'no process was lost')
  ledger.assertWithin(items.length)
  test.diagnostic(ledger.summary())
}

async function endOf(pool: MediaPool, bytes: Buffer, outDir: string): Promise<string> {
  const masterPath = join(outDir, 'master')
  writeFileSync(masterPath, bytes)
  try {
    await pool.render({ id: 'odd', kind: 'photo', purpose: 'media', masterPath, outDir })
    return 'ready'
  } catch (error) {
    assert.ok(error instanceof MediaError, String(error))
    return error.code
  }
}

describe('photographs as they come', async () => {
  const odd = await oddPhotographs()
  const coded = takeCodedPicture(heic('quadrants.heic'))
  const heics: OddPhotograph[] = [
    { name: 'HEIC', bytes: heic('quadrants.heic'), ends: 'ready' },
    { name: 'HEIC of ten bits', bytes: heic('ten-bits.heic'), ends: 'ready' },
    { name: 'HEIC with transparency and thumbnail', bytes: heic('transparent.heic'), ends: 'ready' },
    { name: 'grey HEIC', bytes: heic('grey.heic'), ends: 'ready' },
    { name: 'HEIC of tiles', bytes: buildHeic(coded, { grid: { columns: 3, rows: 2 } }), ends: 'ready' },
    {
      name: 'HEIC, turned and mirrored',
      bytes: buildHeic(coded, { quarterTurns: 3, mirror: 'upDown' }),
      ends: 'ready',
    },
    {
      name: 'HEIC with a profile of nonsense',
      bytes: buildHeic(coded, { profile: Buffer.alloc(300, 9) }),
      ends: 'ready',
    },
    {
      name: 'HEIC of 10,000 tiles',
      bytes: buildHeic(coded, { grid: { columns: 100, rows: 100 } }),
      ends: 'media.too_many_pixels',
    },
  ]

  it('end as they have to, and no process dies of them', async (test) => {
    const wrong: string[] = []
    await eachWith(test, [...odd, ...heics], async (pool, { name, bytes, ends }, outDir) => {
      const end = await endOf(pool, bytes, outDir)
      if (end !== ends) wrong.push(`${name}: ${end} instead of ${ends}`)
    })
    assert.deepEqual(wrong, [])
  })

  it('cut off at twenty places never end without a code', async (test) => {
    const whole = [
      'progressive JPEG',
      'PNG of 16 bits',
      'interlaced PNG',
      'WebP',
      'animated WebP',
      'AVIF',
      'GIF',
    ]
    const seeds = [...odd.filter(({ name }) => whole.includes(name)), heics[0]!]
    assert.equal(seeds.length, whole.length + 1)
    const cuts = seeds.flatMap(({ name, bytes }) =>
      Array.from({ length: 20 }, (_, at) => ({
        name,
        bytes: bytes.subarray(0, Math.floor((bytes.length * at) / 20)),
      })),
    )
    await eachWith(test, cuts, async (pool, { name, bytes }, outDir) => {
      const end = await endOf(pool, bytes, outDir)
      const codes = [
        'ready',
        'media.corrupt',
        'media.unsupported_format',
        'media.empty',
        'media.too_many_pixels',
      ]
      assert.ok(codes.includes(end), `${name} of ${bytes.length} bytes: ${end}`)
    })
  })

  it('are ready whenever the decoder alone makes a picture of them', async (test) => {
    const bent = [...odd, ...heics].flatMap((one, at) => bend(one.bytes, at, isLong ? 60 : 1))
    const faults: string[] = []
    await eachWith(test, bent, async (pool, bytes, outDir) => {
      const masterPath = join(outDir, 'master')
      writeFileSync(masterPath, bytes)
      const comparison = await compare(pool, masterPath, outDir)
      if (isFault(comparison)) faults.push(`${comparison.format}: ${comparison.ours}`)
    })
    assert.deepEqual(faults, [])
  })

  if (ownFolder) {
    it('of a folder of ones own are ready in 99 of 100 cases', async (test) => {
      const paths = readdirSync(ownFolder, { recursive: true, encoding: 'utf8' })
        .map((name) => join(ownFolder, name))
        .filter((path) => statSync(path).isFile())
      const counted = { ready: 0, faults: [] as string[], others: 0 }
      await eachWith(test, paths, async (pool, path, outDir) => {
        const comparison = await compare(pool, path, outDir)
        if (isFault(comparison)) counted.faults.push(`${path}: ${comparison.ours}`)
        else if (comparison.ours === 'ready') counted.ready += 1
        else counted.others += 1
      })
      const { ready, faults, others } = counted
      test.diagnostic(
        `${ready} ready, ${faults.length} not ready though decodable, ${others} others of ${paths.length}`,
      )
      assert.ok(ready >= 0.99 * (ready + faults.length), faults.join('\n'))
    })
  }
})

/** Copies with a few bytes changed, the same ones at each run. */
function bend(bytes: Buffer, seed: number, copies: number): Buffer[] {
  if (bytes.length === 0) return []
  let state = seed + 1
  const draw = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state % below
  }
  return Array.from({ length: copies }, () => {
    const copy = Buffer.from(bytes)
    for (let count = 1 + draw(6); count > 0; count--) copy[draw(copy.length)] = draw(256)
    return copy
  })
}
