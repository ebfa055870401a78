// Makes the committed HEIC files anew: `node server/test/corpus/generate.ts`. HEIC is the one format that
// nothing in node_modules can write; Debian's libheif-examples brings `heif-enc`. All else is made in tests.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { photographs } from '../../../bench/photographs.ts'
import { cameraTiff, jpegSegment } from './camera-metadata.ts'
import { quadrants } from './drawn-pictures.ts'

const files = fileURLToPath(new URL('./files/', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'corpus-'))

const drawn = await quadrants(256, 192).png().toBuffer()
encode(drawn, 'png', 'quadrants.heic', 60)

const small = quadrants(128, 96)
encode(await small.clone().toColourspace('rgb16').png().toBuffer(), 'png', 'ten-bits.heic', 60)
// Transparency is a second picture inside, and the thumbnail a third.
encode(await small.clone().ensureAlpha(0.5).png().toBuffer(), 'png', 'transparent.heic', 60, ['-t', '48'])
encode(await small.clone().toColourspace('b-w').png().toBuffer(), 'png', 'grey.heic', 60)

const photograph = await sharp(photographs[2]!.path)
  .resize(640, 800, { fit: 'cover' })
  .withIccProfile('p3')
  .jpeg({ quality: 92 })
  .toBuffer()
const exif = jpegSegment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), cameraTiff(1)]))
const withExif = Buffer.concat([photograph.subarray(0, 2), exif, photograph.subarray(2)])
encode(withExif, 'jpg', 'photograph.heic', 40)

rmSync(folder, { recursive: true })

function encode(
  picture: Buffer,
  extension: string,
  name: string,
  quality: number,
  more: string[] = [],
): void {
  const source = join(folder, `source.${extension}`)
  writeFileSync(source, picture)
  execFileSync('heif-enc', [...more, '-q', String(quality), '-o', join(files, name), source])
}
