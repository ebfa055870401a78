import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openPicture } from './decode-picture.ts'
import { MediaError } from './media-error.ts'
import { decodableFormats } from './photo-decoders.ts'
import { photoFormats } from './protocol.ts'
import { sniffFormat } from './sniff-format.ts'

describe('a file of a format whose decoder is missing', () => {
  const words = [
    'Input buffer has corrupt header: heif: Unsupported feature: Unsupported codec (4.3000)',
    'heif: Error while loading plugin: No decoding plugin installed for this compression format (11.6003)',
  ]
  for (const said of words)
    it(`is never called damaged: ${said.slice(-40)}`, () =>
      assert.equal(MediaError.from(new Error(said)).code, 'media.unsupported_format'))
})

describe('decodableFormats', () => {
  it('names what the packaged decoders read', async () => {
    assert.deepEqual(await decodableFormats(), [...photoFormats])
  })

  it('never names a format whose decoder is missing, whatever opens its header', async () => {
    const withoutAvif: typeof openPicture = async (bytes) => {
      const picture = await openPicture(bytes)
      if (sniffFormat(bytes) !== 'avif') return picture
      return { ...picture, decode: () => Promise.reject(new Error('No decoding plugin installed')) }
    }
    const withoutHeic: typeof openPicture = async (bytes) => {
      if (sniffFormat(bytes) === 'heic') throw new Error('WebAssembly is not available')
      return openPicture(bytes)
    }
    assert.ok(!(await decodableFormats(withoutAvif)).includes('avif'))
    assert.deepEqual(
      await decodableFormats(withoutHeic),
      photoFormats.filter((format) => format !== 'heic'),
    )
  })
})
