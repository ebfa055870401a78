import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { makeVideo } from '../../../server/test/corpus/video-maker.ts'
import type { Person } from '../../../server/test/helpers/factories.ts'
import type { PickedFile } from './photographs.ts'

interface Film {
  seconds?: number
  size?: string
  hasSound?: boolean
}

/** A film as small as one can be that still moves and sounds: a test picture with a running clock. */
export async function film({
  seconds = 4,
  size = '320x180',
  hasSound = true,
}: Film = {}): Promise<PickedFile> {
  const folder = await mkdtemp(join(tmpdir(), 'heliograph-film-'))
  const path = join(folder, 'film.mp4')
  try {
    const picture = {
      graph: `testsrc2=s=${size}:r=15:d=${seconds},format=yuv420p`,
      codec: 'libx264',
      options: { preset: 'ultrafast' },
    }
    const sound = {
      graph: `sine=f=440:r=48000:d=${seconds},aformat=sample_fmts=fltp,asetnsamples=1024`,
      codec: 'aac',
    }
    await makeVideo({ path, muxer: 'mp4', streams: hasSound ? [picture, sound] : [picture] })
    return { name: 'film.mp4', mimeType: 'video/mp4', buffer: await readFile(path) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The same film in a file that is as large as one of a minute; browsers and decoders pass over what fills it. */
export function padded({ buffer, ...file }: PickedFile, bytes: number): PickedFile {
  const box = Buffer.alloc(bytes - buffer.length)
  box.writeUInt32BE(box.length, 0)
  box.write('free', 4)
  return { ...file, buffer: Buffer.concat([buffer, box]) }
}

export const captionsFile: PickedFile = {
  name: 'film.en.vtt',
  mimeType: 'text/vtt',
  buffer: Buffer.from('WEBVTT\n\n00:00.000 --> 01:00.000\nThe clock is running.\n'),
}

interface FilmPost extends Film {
  caption?: string
  altText?: string
  hasCaptions?: boolean
}

/** A post with a film that others can see; the workers of the world prepare it. */
export async function publishFilm(author: Person, wanted: FilmPost = {}): Promise<string> {
  const { caption = '', altText = '', hasCaptions = false, ...kind } = wanted
  const { buffer } = await film(kind)
  const uploadId = await author.upload(buffer)
  const captionsUploadId = hasCaptions
    ? await author.upload(captionsFile.buffer, { purpose: 'captions' })
    : undefined
  const { id } = await author.call('POST /api/posts', {
    body: {
      caption,
      media: [{ uploadId, ...(altText && { altText }), ...(captionsUploadId && { captionsUploadId }) }],
    },
  })
  for (;;) {
    const { status, failure } = await author.call('GET /api/posts/:id', { params: { id } })
    if (status === 'ready') return id
    if (status === 'failed') throw new Error(`the film failed: ${failure?.code}`)
    await pause(100)
  }
}
