import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import sharp, { type Sharp } from 'sharp'
import { photographs } from '../../../../../bench/photographs.ts'
import { buildHeic, takeCodedPicture } from '../../../../test/corpus/heic-builder.ts'
import { createMediaPool } from './media-pool.ts'

const isLong = process.env.HELIOGRAPH_TEST_LONG === '1'
const folder = mkdtempSync(join(tmpdir(), 'media-volumes-'))
after(() => rmSync(folder, { recursive: true }))

const tile = takeCodedPicture(
  readFileSync(new URL('../../../../test/corpus/files/quadrants.heic', import.meta.url)),
)

function enlarged(width: number, height: number): Sharp {
  return sharp(photographs[1]!.path).resize(width, height, { fit: 'fill' })
}

const largest: [what: string, width: number, height: number, make: (path: string) => Promise<unknown>][] = [
  ['JPEG', 18_200, 13_700, (path) => enlarged(18_200, 13_700).jpeg().toFile(path)],
  [
    'progressive JPEG',
    18_200,
    13_700,
    (path) => enlarged(18_200, 13_700).jpeg({ progressive: true }).toFile(path),
  ],
  [
    'palette PNG',
    11_500,
    8_690,
    (path) => enlarged(11_500, 8_690).greyscale().png({ colours: 16 }).toFile(path),
  ],
  ['WebP', 11_500, 8_690, (path) => enlarged(11_500, 8_690).webp({ effort: 0 }).toFile(path)],
  ['AVIF', 11_000, 9_000, (path) => enlarged(11_000, 9_000).avif({ effort: 0 }).toFile(path)],
  [
    'HEIC of 961 tiles',
    31 * 256,
    31 * 192,
    (path) => writeFile(path, buildHeic(tile, { grid: { columns: 31, rows: 31 } })),
  ],
]

describe('the largest pictures allowed, within the default caps', {
  skip: !isLong && 'only in test:long',
}, () => {
  for (const [what, width, height, make] of largest) {
    it(`renders a ${what} of ${Math.round((width * height) / 1e6)} megapixels`, async () => {
      const masterPath = join(folder, 'master')
      await make(masterPath)
      const pool = createMediaPool({
        size: 1,
        log: { warn: (fields) => assert.fail(JSON.stringify(fields)) },
      })
      await using _ = pool
      const request = { id: what, masterPath, outDir: folder }
      const result = await pool.render({ ...request, kind: 'photo', purpose: 'media' })
      assert.deepEqual([result.sourceWidth, result.sourceHeight, result.width], [width, height, 1080])
      const original = await pool.original({ ...request, kind: 'original' })
      assert.deepEqual([original.width, original.height], [width, height])
    })
  }
})
