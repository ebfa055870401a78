import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { applyLook, lookOf } from '@heliograph/contract/look'
import sharp from 'sharp'
import { createLedger } from '../../../../test/corpus/spent.ts'
import {
  type BadVideo,
  badVideos,
  type GoodVideo,
  goodVideos,
  pretenders,
  writeBad,
  writeGood,
} from '../../../../test/corpus/videos.ts'
import { openEngine } from '../child/video/choose-engine.ts'
import type { Probed, ProbedVideo } from '../child/video/video-engine.ts'
import { mostPixels } from '../child/video/video-engine.ts'
import { MediaError, type VideoResult } from './media-pool.ts'
import { createVideos, type Videos } from './media-videos.ts'

// One suite on both engines, each in its own decoding process, over videos with everything odd. Where there are two, every
// third file is left to the one that this machine would not choose, unless there is time for all.

const ffmpeg = existsSync('/usr/bin/ffmpeg') && existsSync('/usr/bin/ffprobe')
const isLong = process.env.HELIOGRAPH_TEST_LONG === '1'
const engines = [
  { engine: 'bundled' as const, skip: false },
  { engine: 'ffmpeg' as const, skip: ffmpeg ? false : 'no FFmpeg on this machine' },
]

const posted = { id: '1', purpose: 'media' as const }

let folder: string
const made = new Map<string, string>()

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heliograph-videos-'))
  for (const name of Object.keys(goodVideos) as GoodVideo[]) made.set(name, await writeGood(name, folder))
  for (const name of Object.keys(badVideos) as BadVideo[]) made.set(name, await writeBad(name, folder))
})

after(() => rm(folder, { recursive: true, force: true }))

for (const { engine, skip } of engines) {
  describe(`videos by ${engine}`, { skip }, () => {
    const some = <T>(names: T[]) =>
      isLong || engine === 'ffmpeg' || !ffmpeg ? names : names.filter((_, at) => at % 3 === 0)
    const lost: object[] = []
    const ledger = createLedger()
    let videos: Videos
    let count = 0

    before(() => {
      const config = { engine, searchPath: '/usr/bin', maxSeconds: 30, maxBytes: 50e6 }
      const log = { warn: (fields: object) => void lost.push(fields) }
      videos = createVideos(config, log, { onSpent: ledger.note })
    })
    after(() => videos.close())

    async function render(name: GoodVideo | BadVideo, more: Partial<Work> = {}): Promise<Rendered> {
      return await renderFile(made.get(name)!, more)
    }

    const rendered = new Map<GoodVideo, Promise<Rendered>>()

    /** As it is shared by default, and once: one film answers several questions. */
    function renderPlain(name: GoodVideo): Promise<Rendered> {
      const known = rendered.get(name) ?? render(name)
      rendered.set(name, known)
      return known
    }

    async function renderFile(masterPath: string, more: Partial<Work> = {}): Promise<Rendered> {
      const outDir = join(folder, `${engine}-${count++}`)
      await mkdir(outDir)
      const progress: number[] = []
      const work = { ...posted, masterPath, outDir, ...more }
      const result = await videos.render(work, { onProgress: (share) => void progress.push(share) })
      return { ...result, outDir, progress }
    }

    async function inspect(path: string): Promise<Probed> {
      const { engine: reader } = await openEngine({ name: 'bundled' })
      return await reader.probe({ path, demuxer: 'mov' }, mostPixels)
    }

    async function filmOf({ outDir }: Rendered): Promise<Probed & { picture: ProbedVideo }> {
      const probed = await inspect(join(outDir, 'video.mp4'))
      const picture = probed.streams.find((stream) => stream.kind === 'video')
      assert.ok(picture, 'a film has a picture')
      return { ...probed, picture }
    }

    test('what the engine says it can do, the names of formats and codecs', async () => {
      const facts = await videos.engine()
      assert.equal(facts?.name, engine)
      assert.deepEqual(facts?.formats, ['video/mp4', 'video/quicktime', 'video/webm', 'video/x-matroska'])
      for (const codec of ['h264', 'hevc', 'vp9']) assert.ok(facts?.videoCodecs.includes(codec), codec)
      assert.ok(facts?.audioCodecs.includes('aac'))
    })

    for (const name of some(Object.keys(goodVideos) as GoodVideo[])) {
      test(`${name}: a film, a poster and a folder that plays`, async () => {
        const result = await renderPlain(name)
        const { picture, streams, durationSeconds, tags } = await filmOf(result)
        const sound = streams.find((stream) => stream.kind === 'audio')
        assert.deepEqual([picture.codec, sound?.codec ?? 'aac'], ['h264', 'aac'])
        assert.deepEqual([picture.width, picture.height], [result.width, result.height])
        assert.equal(result.hasAudio, sound !== undefined)
        assert.equal((picture.width % 2) + (picture.height % 2), 0, 'even sides')
        assert.ok(
          result.width <= Math.max(2, result.sourceWidth) &&
            result.height <= Math.max(2, result.sourceHeight),
        )
        assert.deepEqual(
          picture.matrix,
          [65_536, 0, 0, 65_536].map((one) => (picture.matrix[0] === 1 ? one / 65_536 : one)),
        )
        assert.ok(Math.abs(durationSeconds! * 1000 - result.durationMs) < 100, `${durationSeconds} s`)
        assert.deepEqual(
          Object.keys(tags).filter((tag) => !harmless.has(tag)),
          [],
          'no word about its making',
        )
        await assertPlays(result)
        await assertPosters(result)
        assert.equal(result.progress.at(-1), 1)
        assert.deepEqual(
          result.progress,
          result.progress.toSorted((a, b) => a - b),
        )
        assert.deepEqual(
          (await readdir(result.outDir)).toSorted(),
          result.files.map(({ file }) => file).toSorted(),
        )
      })
    }

    test('a phone that was held upright does not lie on its side', async () => {
      const corners = {
        'turned by 90 degrees': 'top right',
        'turned by 180 degrees': 'bottom right',
        'turned by 270 degrees': 'bottom left',
        mirrored: 'top right',
      } as const
      for (const [name, corner] of Object.entries(corners)) {
        const { outDir, width, height } = await renderPlain(name as GoodVideo)
        assert.equal(width < height, name.includes('90') || name.includes('270'), name)
        assert.equal(await redCorner(join(outDir, 'large.webp')), corner, name)
      }
    })

    test('HDR is neither dark nor inverted', async () => {
      for (const name of ['HDR in PQ', 'HDR in HLG'] as const) {
        const { outDir } = await renderPlain(name)
        const lights = await row(join(outDir, 'large.webp'))
        assert.ok(
          lights.every((light, at) => at === 0 || light >= lights[at - 1]! - 3),
          `${name}: ${lights}`,
        )
        assert.ok(lights[0]! < 40 && lights.at(-1)! > 200, `${name}: ${lights}`)
      }
    })

    test('picture and sound stay together when the rate varies', async () => {
      const { streams } = await filmOf(await renderPlain('a rate that varies'))
      const [picture, sound] = streams.map(({ durationSeconds }) => durationSeconds!)
      assert.ok(Math.abs(picture! - sound!) < 0.1, `${picture} and ${sound}`)
    })

    test('a still picture lasts as long as its song, and a film as long as its pictures', async () => {
      assert.ok(Math.abs((await renderPlain('one picture and a song')).durationMs - 3000) < 150)
      assert.ok(Math.abs((await renderPlain('sound that ends early')).durationMs - 3000) < 150)
      const { streams } = await filmOf(await renderPlain('sound that ends early'))
      assert.ok(
        streams.every(({ durationSeconds }) => durationSeconds! > 2.8),
        'silence fills the rest',
      )
    })

    test('picture and sound of the first segment begin together for players that know single edits only', async () => {
      const { outDir } = await renderPlain('times below zero')
      const init = await readFile(join(outDir, '180p_init.mp4'))
      const edits: [count: number, start: number][] = []
      for (let at = init.indexOf('elst'); at >= 0; at = init.indexOf('elst', at + 1)) {
        const start = init[at + 4] === 1 ? Number(init.readBigInt64BE(at + 20)) : init.readInt32BE(at + 16)
        edits.push([init.readUInt32BE(at + 8), start])
      }
      assert.equal(edits.length, 2)
      assert.ok(
        edits.every(([count, start]) => count === 1 && start > 0),
        JSON.stringify(edits),
      )
    })

    test('fast films are slowed to rates that everything can show, without getting longer', async () => {
      const { picture, durationSeconds } = await filmOf(await renderPlain('120 pictures a second'))
      assert.equal(picture.averageRate.num / picture.averageRate.den, 30)
      assert.ok(Math.abs(durationSeconds! - 1) < 0.05)
    })

    test('wide pixels become square, and shapes that a feed cannot show are cut', async () => {
      const wide = await renderPlain('wide pixels')
      assert.deepEqual([wide.sourceWidth, wide.sourceHeight], [320, 180])
      const tall = await renderPlain('a tall one')
      assert.deepEqual([tall.width, tall.height], [180, 224])
      const long = await renderPlain('a very wide one')
      assert.ok(Math.abs(long.width / long.height - 1.91) < 0.02)
    })

    test('the chosen part is what is shown', async () => {
      const crop = { x: 0, y: 0, width: 0.5, height: 0.5 }
      const { width, height, outDir } = await render('turned by 180 degrees', { crop })
      assert.deepEqual([width, height], [160, 128])
      const { data } = await sharp(join(outDir, 'large.webp')).raw().toBuffer({ resolveWithObject: true })
      assert.ok(
        data.every((value, at) => at % 3 !== 0 || value < 100),
        'the red corner is not in it',
      )
    })

    test('a filter looks on a video as it does on a photograph, wherever the data folder lies', async () => {
      const plain = await renderPlain('a landscape')
      const outDir = join(folder, `it's [odd]: a, b; 100% ${engine}`)
      await mkdir(outDir)
      const work = { ...posted, masterPath: made.get('a landscape')!, outDir, filter: 'golden' }
      const { files } = await videos.render({ ...work, edits: { contrast: 20 } }, {})
      const pixelsOf = (path: string) => sharp(path).removeAlpha().raw().toBuffer({ resolveWithObject: true })
      const shown = await pixelsOf(files.find(({ name }) => name === 'large')!.path)
      const { data, info } = await pixelsOf(join(plain.outDir, 'large.webp'))
      applyLook(
        { data, width: info.width, height: info.height, channels: 3 },
        { ...lookOf('golden', { contrast: 20 })!, vignette: 0 },
      )
      let difference = 0
      for (let at = 0; at < data.length; at++) difference += Math.abs(data[at]! - shown.data[at]!)
      assert.ok(difference / data.length < 8, `${difference / data.length} of 255`)
    })

    test('the poster is not the black of the beginning', async () => {
      const { outDir } = await renderPlain('black at first')
      const { channels } = await sharp(join(outDir, 'large.webp')).stats()
      assert.ok(Math.max(...channels.map(({ mean }) => mean)) > 20)
    })

    test('place and camera are read for the owner, and are in no byte that is served', async () => {
      const result = await renderPlain('messages about its making')
      assert.deepEqual(result.exif.gps, { latitude: 48.1374, longitude: 11.5755, altitudeMetres: 520 })
      assert.equal(result.exif.cameraModel, 'Serial 4711')
      assert.equal(result.exif.capturedAt, '2026-06-21T18:30:00+02:00')
      await assertSilent(result.outDir)
    })

    test('the original keeps pictures and sound as they were and loses every message', async () => {
      for (const name of [
        'messages about its making',
        'VP9 and Opus',
        'HDR in PQ',
        'sound in PCM',
      ] as const) {
        const outDir = join(folder, `${engine}-${count++}`)
        await mkdir(outDir)
        const { file } = await videos.original({
          id: '1',
          kind: 'original',
          masterPath: made.get(name)!,
          outDir,
        })
        await assertSilent(outDir)
        const { engine: reader } = await openEngine({ name: 'bundled' })
        const demuxer = file.type === 'video/webm' ? 'matroska' : 'mov'
        const [before, now] = [
          await reader.probe({ path: made.get(name)!, demuxer }, mostPixels),
          await reader.probe({ path: file.path, demuxer }, mostPixels),
        ]
        const codecs = (probed: Probed) => probed.streams.map(({ codec }) => codec)
        assert.deepEqual(codecs(now), codecs(before), name)
        assert.ok(Math.abs(now.durationSeconds! - before.durationSeconds!) < 0.1, name)
      }
    })

    test('the original never keeps notes that cameras write into each picture', async () => {
      // FFmpeg's own comment in each JPEG, by the same number of letters.
      const noted = Buffer.from(
        (await readFile(made.get('Motion JPEG')!))
          .toString('latin1')
          .replaceAll(/Lavc\d\d\.\d\d\.\d{3}/g, 'Heliocam 4711'),
        'latin1',
      )
      assert.ok(noted.includes('Heliocam 4711'))
      const path = join(folder, 'noted.mov')
      await writeFile(path, noted)
      for (const masterPath of [path, made.get('DV')!, made.get('MPEG-4')!]) {
        const outDir = join(folder, `${engine}-${count++}`)
        await mkdir(outDir)
        const { file, lossless } = await videos.original({ id: '1', kind: 'original', masterPath, outDir })
        assert.equal(lossless, false)
        await assertSilent(outDir)
        assert.deepEqual(await readdir(outDir), ['original.mp4'])
        const { engine: reader } = await openEngine({ name: 'bundled' })
        const now = await reader.probe({ path: file.path, demuxer: 'mov' }, mostPixels)
        assert.equal(now.streams[0]?.codec, 'h264')
        assert.ok(now.durationSeconds! > 0.3, `${now.durationSeconds}`)
      }
    })

    for (const name of some(Object.keys(badVideos) as BadVideo[])) {
      const { code } = badVideos[name]
      test(`${name}: ${code}, and nothing is left lying`, async () => {
        const before = count
        const ended = await render(name).catch((error: unknown) => error)
        if ('orReady' in badVideos[name] && !(ended instanceof Error)) return
        assert.ok(ended instanceof MediaError)
        assert.equal(ended.code, code, ended.detail)
        assert.ok(!existsSync(join(folder, `${engine}-${before}`, 'video.mp4')))
      })
    }

    test('playlists and other pretenders are no videos, whatever they point to', async () => {
      for (const [name, bytes] of Object.entries(pretenders)) {
        const path = join(folder, 'pretender')
        await writeFile(path, bytes())
        await assert.rejects(renderFile(path), { code: 'media.unsupported_format' }, name)
      }
    })

    test('a file that breaks off anywhere ends ready or failed', async () => {
      const whole = await readFile(made.get('no length told')!)
      const steps = isLong ? 60 : 6
      for (let step = 1; step < steps; step++) {
        const path = join(folder, 'broken')
        await writeFile(path, whole.subarray(0, Math.floor((whole.length * step) / steps)))
        const ended = await renderFile(path).then(
          () => 'ready',
          (error: MediaError) => error.code,
        )
        assert.ok(['ready', 'media.corrupt', 'media.no_video'].includes(ended), `${step}: ${ended}`)
      }
    })

    test('what is too large is refused before it is looked at', async () => {
      const small = createVideos(
        { engine, searchPath: '/usr/bin', maxSeconds: 0.5, maxBytes: 10 },
        { warn: (fields) => lost.push(fields) },
      )
      try {
        const outDir = join(folder, `${engine}-${count++}`)
        const work = { ...posted, masterPath: made.get('a landscape')!, outDir }
        await assert.rejects(small.render(work, {}), { code: 'media.too_large' })
      } finally {
        await small.close()
      }
    })

    test('nothing of all this cost a process its life, nor more memory or time than there is', (t) => {
      assert.deepEqual(lost, [])
      ledger.assertWithin(some(Object.keys(goodVideos)).length + some(Object.keys(badVideos)).length)
      t.diagnostic(ledger.summary())
    })
  })
}

type Work = Parameters<Videos['render']>[0]

interface Rendered extends VideoResult {
  outDir: string
  progress: number[]
}

const harmless = new Set([
  'language',
  'handler_name',
  'vendor_id',
  'major_brand',
  'minor_version',
  'compatible_brands',
])

async function assertPlays({ outDir, files, width, height, durationMs }: Rendered): Promise<void> {
  const master = await readFile(join(outDir, 'master.m3u8'), 'utf8')
  const variants = [...master.matchAll(/^#EXT-X-STREAM-INF:(.*)\n(.+)$/gm)]
  assert.ok(variants.length >= 1)
  assert.match(variants.at(-1)![1]!, new RegExp(`RESOLUTION=${width}x${height}`))
  const known = new Set(files.map(({ file }) => file))
  for (const [, attributes = '', name = ''] of variants) {
    assert.match(
      attributes,
      /BANDWIDTH=\d+,AVERAGE-BANDWIDTH=\d+,RESOLUTION=\d+x\d+,CODECS="avc1\.[0-9a-f]{6}/,
    )
    const playlist = await readFile(join(outDir, name), 'utf8')
    const named = [...playlist.matchAll(/URI="([^"]+)"|^([^#\n].*)$/gm)].map(
      ([, uri, line]) => (uri ?? line)!,
    )
    for (const file of named) assert.ok(known.has(file), `${file} is a bare name of what was made`)
    const lengths = [...playlist.matchAll(/#EXTINF:([\d.]+)/g)].map(([, seconds]) => Number(seconds))
    assert.ok(
      lengths.every((seconds) => seconds <= 2.2),
      `${lengths}`,
    )
    assert.ok(Math.abs(lengths.reduce((sum, one) => sum + one, 0) * 1000 - durationMs) < 200, `${lengths}`)
    assert.match(playlist, /#EXT-X-ENDLIST/)
  }
  for (const { file } of files.filter((one) => one.file.endsWith('.m4s'))) {
    assert.ok((await stat(join(outDir, file))).size <= 2_000_000)
  }
}

async function assertPosters({ outDir, files, thumbhash, perceptualHash }: Rendered): Promise<void> {
  const names = ['thumbnail.webp', 'medium.webp', 'large.webp', 'fallback.jpg']
  for (const file of names) {
    const { width, height, exif } = await sharp(join(outDir, file)).metadata()
    const told = files.find((one) => one.file === file)
    assert.deepEqual([told?.width, told?.height, exif], [width, height, undefined])
    assert.ok(told!.bytes <= 30_000, `${file}: ${told!.bytes}`)
  }
  assert.ok(Buffer.from(thumbhash, 'base64').length > 3)
  assert.match(perceptualHash, /^[0-9a-f]{16}$/)
}

async function assertSilent(outDir: string): Promise<void> {
  const places: [string, string][] = []
  for (const file of await readdir(outDir)) {
    const bytes = await readFile(join(outDir, file))
    for (const word of ['48.1374', '011.5755', 'Heliocam', '4711', 'secret title', outDir, '2026-06-21']) {
      if (bytes.includes(word)) places.push([file, word])
    }
  }
  assert.deepEqual(places, [])
}

async function redCorner(path: string): Promise<string> {
  const { data, info } = await sharp(path).raw().toBuffer({ resolveWithObject: true })
  const red = (x: number, y: number) => {
    const at =
      (Math.round(y * (info.height - 1)) * info.width + Math.round(x * (info.width - 1))) * info.channels
    return data[at]! > 150 && data[at + 2]! < 100
  }
  const corners = {
    'top left': [0.05, 0.05],
    'top right': [0.95, 0.05],
    'bottom left': [0.05, 0.95],
    'bottom right': [0.95, 0.95],
  }
  const found = Object.entries(corners).filter(([, [x, y]]) => red(x!, y!))
  return found.map(([name]) => name).join()
}

/** Lightness along the middle, in eight steps. */
async function row(path: string): Promise<number[]> {
  const { data, info } = await sharp(path).greyscale().raw().toBuffer({ resolveWithObject: true })
  const y = Math.floor(info.height / 2) * info.width
  return Array.from(
    { length: 8 },
    (_, at) => data[(y + Math.round(((at + 0.5) / 8) * info.width)) * info.channels]!,
  )
}
