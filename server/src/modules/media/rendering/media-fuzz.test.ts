import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, it } from 'node:test'
import fc from 'fast-check'
import sharp from 'sharp'
import { photographs } from '../../../../../bench/photographs.ts'
import { dressJpeg, dressPng, dressWebp } from '../../../../test/corpus/camera-files.ts'
import { cameraTiff, foundMarks } from '../../../../test/corpus/camera-metadata.ts'
import { buildHeic, takeCodedPicture } from '../../../../test/corpus/heic-builder.ts'
import { createLedger } from '../../../../test/corpus/spent.ts'
import { createMediaPool, MediaError } from './media-pool.ts'

const isLong = process.env.HELIOGRAPH_TEST_LONG === '1'
const folder = mkdtempSync(join(tmpdir(), 'media-fuzz-'))
after(() => rmSync(folder, { recursive: true }))

const small = () => sharp(photographs[1]!.path).resize(240)
const heic = (name: string) => readFileSync(new URL(`../../../../test/corpus/files/${name}`, import.meta.url))
const tile = takeCodedPicture(heic('quadrants.heic'))
const seeds = [
  dressJpeg(await small().jpeg().toBuffer(), { orientation: 6, trailers: ['gainMap', 'film'] }),
  dressJpeg(await small().jpeg({ progressive: true }).toBuffer()),
  dressPng(await small().png({ palette: true }).toBuffer(), { orientation: 3 }),
  await small().toColourspace('rgb16').withIccProfile('p3').png({ progressive: true }).toBuffer(),
  dressWebp(await small().withIccProfile('p3').webp().toBuffer()),
  await small().webp({ lossless: true }).toBuffer(),
  await small().avif({ effort: 0 }).toBuffer(),
  await small().gif().toBuffer(),
  heic('photograph.heic'),
  buildHeic(tile, { grid: { columns: 2, rows: 2 }, quarterTurns: 1, exif: cameraTiff(1) }),
]

const damage = fc.record({
  seed: fc.nat(seeds.length - 1),
  changes: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }),
  /** Headers decide more than pixels do. */
  atHead: fc.boolean(),
  part: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: 1, freq: 6 }),
})

it('ends every damaged file with renditions or a reason, and never loses a process', async (test) => {
  const lost: object[] = []
  const ledger = createLedger()
  const log = { warn: (fields: object) => void lost.push(fields) }
  const pool = createMediaPool({ size: 1, log, onSpent: ledger.note })
  await using _ = pool
  const masterPath = join(folder, 'master')
  const request = { id: '1', masterPath, outDir: folder }
  await fc.assert(
    fc.asyncProperty(damage, async ({ seed, changes, atHead, part }) => {
      const bytes = Buffer.from(seeds[seed]!)
      const reach = atHead ? Math.min(1500, bytes.length) : bytes.length
      for (const [at, value] of changes) bytes[at % reach] = value
      writeFileSync(masterPath, bytes.subarray(0, Math.floor(bytes.length * part)))
      const rendered = await codeOf(() => pool.render({ ...request, kind: 'photo', purpose: 'media' }))
      const original = await codeOf(async () => {
        const { file } = await pool.original({ ...request, kind: 'original' })
        assert.deepEqual(foundMarks(readFileSync(file.path)), [])
      })
      assert.equal(rendered === 'ok' && original !== 'ok', false, `rendered, but no original: ${original}`)
      assert.deepEqual(lost, [])
    }),
    { numRuns: isLong ? 6000 : 80 },
  )
  ledger.assertWithin(80)
  test.diagnostic(ledger.summary())
})

async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work()
    return 'ok'
  } catch (error) {
    assert.ok(error instanceof MediaError, String(error))
    assert.notEqual(error.code, 'media.interrupted', error.detail)
    return error.code
  }
}
