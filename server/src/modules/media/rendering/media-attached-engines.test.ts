import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import sharp from 'sharp'
import { makeVideo } from '../../../../test/corpus/video-maker.ts'
import { writeGood } from '../../../../test/corpus/videos.ts'
import { type Voice, voices, writeOfLength, writeVoice } from '../../../../test/corpus/voices.ts'
import { openEngine } from '../child/video/choose-engine.ts'
import { mostPixels } from '../child/video/video-engine.ts'
import { MediaError } from './media-pool.ts'
import { createVideos, type Videos } from './media-videos.ts'

// Films of Stories and messages, and voices, by both engines.

const ffmpeg = existsSync('/usr/bin/ffmpeg') && existsSync('/usr/bin/ffprobe')
const engines = [
  { engine: 'bundled' as const, skip: false },
  { engine: 'ffmpeg' as const, skip: ffmpeg ? false : 'no FFmpeg on this machine' },
]

const isLong = process.env.HELIOGRAPH_TEST_LONG === '1'
/** A program is begun several times for each. */
const longRuns = { bundled: 500, ffmpeg: 100 }

let folder: string
const films: Record<string, string> = {}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heliograph-attached-'))
  const still = async (name: string, more: string) => {
    films[name] = join(folder, `${name}.mp4`)
    const streams = [{ graph: `color=c=teal:${more},format=yuv420p`, codec: 'libx264' }]
    await makeVideo({ path: films[name]!, muxer: 'mp4', streams })
  }
  await still('tall', 's=1080x2400:r=10:d=0.5')
  await still('wide', 's=1920x1080:r=10:d=0.5')
  await still('long', 's=64x64:r=1:d=62')
  films.placed = await writeGood('messages about its making', folder)
  films.single = await writeGood('one picture', folder)
  films.silent = await writeGood('no sound', folder)
})
after(() => rm(folder, { recursive: true, force: true }))

for (const { engine, skip } of engines) {
  describe(`by ${engine}`, { skip }, () => {
    let videos: Videos
    let count = 0
    const lost: object[] = []

    before(() => {
      const config = { engine, searchPath: '/usr/bin', maxSeconds: 600, maxBytes: 50e6 }
      videos = createVideos(config, { warn: (fields) => void lost.push(fields) })
    })
    after(() => videos.close())

    async function place() {
      const outDir = join(folder, `${engine}-${count++}`)
      await mkdir(outDir)
      return { id: '1', outDir }
    }

    const film = async (purpose: 'story' | 'message', name: string) =>
      videos.render({ ...(await place()), purpose, masterPath: films[name]! }, {})
    const voice = async (masterPath: string) => videos.voice({ ...(await place()), masterPath }, {})

    async function inspect(path: string) {
      const { engine: reader } = await openEngine({ name: 'bundled' })
      return await reader.probe({ path, demuxer: 'mov' }, mostPixels)
    }

    test('a film of a Story is one file that phones play, no larger than their screens', async () => {
      const made = await film('story', 'tall')
      assert.deepEqual([made.width, made.height], [576, 1280], 'whole, within the frame')
      assert.match(made.color, /^#[0-9a-f]{6}$/)
      assert.deepEqual(
        made.files.map(({ name }) => name),
        ['thumbnail', 'large', 'fallback', 'video'],
      )
      for (const { name, path, bytes } of made.files.slice(1, 3)) {
        const { width, height } = await sharp(path).metadata()
        assert.ok(width <= 720 && height <= 1280 && bytes <= 150_000, `${name}: ${width} × ${height}`)
      }
      const [picture] = (await inspect(made.files.at(-1)!.path)).streams
      assert.deepEqual([picture?.kind, picture?.codec], ['video', 'h264'])
      const bytes = await readFile(made.files.at(-1)!.path)
      assert.ok(bytes.indexOf('moov') < bytes.indexOf('mdat'), 'it begins before all of it is there')
      const wide = await film('message', 'wide')
      assert.deepEqual([wide.width, wide.height], [1280, 720], 'nothing is cut')
    })

    test('one that fills the frame is cut to it', async () => {
      const work = { ...(await place()), purpose: 'story' as const, masterPath: films.wide! }
      const made = await videos.render({ ...work, fit: 'crop' }, {})
      assert.ok(Math.abs(made.width / made.height - 9 / 16) < 0.01, `${made.width} × ${made.height}`)
      assert.equal(made.width % 2, 0)
    })

    test('no film of a Story goes on for minutes, or is over before it is seen', async () => {
      await assert.rejects(film('story', 'long'), { code: 'media.too_long' })
      await assert.rejects(film('story', 'single'), { code: 'media.too_short' })
      const made = await film('message', 'long')
      assert.equal(Math.round(made.durationMs / 1000), 62, 'a message may be longer')
    })

    test('nothing that was recorded with a film is served with it', async () => {
      const { files } = await film('story', 'placed')
      for (const { path } of files)
        for (const word of ['48.1374', '011.5755', 'Heliocam', '4711', 'secret title', '2026-06-21'])
          assert.ok(!(await readFile(path)).includes(word), word)
    })

    for (const name of Object.keys(voices) as Voice[])
      test(`a voice note of ${name} plays everywhere, with how loud it is`, async () => {
        const path = join(folder, `${engine}-voice`)
        await writeVoice(name, path)
        const made = await voice(path)
        assert.ok(Math.abs(made.durationMs - 2000) < 150, `${made.durationMs} ms`)
        const [file] = made.files
        const { streams, tags } = await inspect(file!.path)
        assert.deepEqual(
          streams.map(({ kind, codec }) => [kind, codec]),
          [['audio', 'aac']],
        )
        assert.deepEqual([tags.title, tags.location], [undefined, undefined])
        assert.equal(made.waveform.length, 64)
        assert.equal(Math.max(...made.waveform), 100)
        const quiet = made.waveform.filter((height) => height < 40).length
        assert.ok(quiet > 20 && quiet < 44, `half of it is quiet: ${made.waveform}`)
        assert.ok(file!.bytes < 40_000)
      })

    test('every damaged recording ends with a note or a reason, and takes no process with it', async () => {
      const path = join(folder, `${engine}-damaged`)
      const seeds: Buffer[] = []
      for (const name of Object.keys(voices) as Voice[]) {
        await writeVoice(name, path)
        seeds.push(await readFile(path))
      }
      const place = fc.tuple(fc.nat(), fc.nat(255))
      const damage = fc.record({
        seed: fc.nat(seeds.length - 1),
        changes: fc.array(place, { minLength: 1, maxLength: 8 }),
        atHead: fc.boolean(),
      })
      await fc.assert(
        fc.asyncProperty(damage, async ({ seed, changes, atHead }) => {
          const bytes = Buffer.from(seeds[seed]!)
          const reach = atHead ? Math.min(600, bytes.length) : bytes.length
          for (const [at, value] of changes) bytes[at % reach] = value
          await writeFile(path, bytes)
          const code = await voice(path).then(
            () => 'ready',
            (error: unknown) => (error instanceof MediaError ? error.code : String(error)),
          )
          assert.match(code, /^(?:ready|media\.(?!interrupted)[a-z_]+)$/)
          assert.deepEqual(lost, [])
        }),
        // The short run damages the same way each time; looking for what is new is the long one's work.
        isLong ? { numRuns: longRuns[engine] } : { numRuns: 5, seed: 7 },
      )
    })

    test('none is taken that is too long, too short, silent or no sound at all', async () => {
      const path = join(folder, `${engine}-bad`)
      await writeOfLength(330, path)
      await assert.rejects(voice(path), { code: 'media.too_long' })
      await writeOfLength(0.02, path)
      await assert.rejects(voice(path), { code: 'media.too_short' })
      await assert.rejects(voice(films.silent!), { code: 'media.no_sound' })
      await writeFile(path, 'Dear diary')
      await assert.rejects(voice(path), { code: 'media.unsupported_sound' })
      await writeFile(path, Buffer.concat([Buffer.from('OggS'), Buffer.alloc(500, 0x5a)]))
      await assert.rejects(voice(path), { code: 'media.corrupt' })
    })

    test('a rate of gigahertz takes no memory', async () => {
      const path = join(folder, `${engine}-rate`)
      await writeVoice('WAV', path)
      const bytes = await readFile(path)
      bytes.writeUInt32LE(1_900_000_000, bytes.indexOf('fmt ') + 12)
      await writeFile(path, bytes)
      await assert.rejects(voice(path), { code: 'media.unsupported_sound' })
      assert.deepEqual(lost, [])
    })
  })
}
