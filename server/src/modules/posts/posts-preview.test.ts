import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createPostsKit, type Person, type PostsKit } from '../../../test/helpers/posts-kit.ts'
import { renderPreviewTags } from './posts-preview.ts'

let kit: PostsKit
let anna: Person

before(async () => {
  kit = await createPostsKit({ env: { PUBLIC_URL: 'https://photos.example.org' } })
  anna = await kit.person('anna')
})
after(() => kit[Symbol.asyncDispose]())

const tags = (id: string) => kit.app.modules.posts.api.previewTags(id)

describe('the preview of a permalink', () => {
  test('says who, what and which picture, with whole addresses', async () => {
    await anna.call('PATCH /api/me', { body: { fullName: 'Anna A.' } })
    const post = await kit.post(anna, { caption: 'By the\nsea' })
    const html = (await tags(post.id))!
    assert.match(html, /<meta property="og:title" content="Anna A. \(@anna\)">/)
    assert.match(html, /<meta property="og:description" content="By the sea">/)
    assert.match(html, /<meta name="description" content="By the sea">/)
    assert.ok(html.includes(`<meta property="og:url" content="https://photos.example.org/p/${post.id}">`))
    assert.match(html, /<meta property="og:image" content="https:\/\/photos\.example\.org\/m\/[^"]+">/)
    assert.match(html, /<meta name="twitter:card" content="summary_large_image">/)
    assert.ok(!html.includes('original'), 'never the original')
  })

  test('of a video names the poster and the film', async () => {
    const post = await kit.post(anna)
    const [poster] = post.media
    const videoUrl = '/m/1/42/3/AbCd/videos/2026/11/26/720p/77_abcdef_720.mp4'
    const film = { ...poster!, type: 'video' as const, videoUrl }
    const html = renderPreviewTags({ ...post, media: [film] }, 'https://photos.example.org')
    assert.ok(html.includes(`<meta property="og:video" content="https://photos.example.org${videoUrl}">`))
    assert.match(html, /<meta property="og:video:type" content="video\/mp4">/)
    assert.match(html, /<meta property="og:image" content="[^"]+">/)
  })

  test('of a sensitive post never hands out its film, nor its poster', async () => {
    const post = await kit.post(anna)
    const film = {
      ...post.media[0]!,
      type: 'video' as const,
      videoUrl: '/m/1/42/3/AbCd/videos/720p/77_ab_720.mp4',
    }
    const html = renderPreviewTags({ ...post, sensitive: true, media: [film] }, 'https://photos.example.org')
    assert.doesNotMatch(html, /\/m\//)
  })

  test('of a post without words is not without a description, nor without a name where there is none', async () => {
    const nameless = await kit.person('nameless')
    await nameless.call('PATCH /api/me', { body: { fullName: '' } })
    const html = (await tags((await kit.post(nameless, { caption: '' })).id))!
    assert.match(html, /<meta property="og:title" content="@nameless">/)
    for (const key of ['name="description"', 'property="og:description"'])
      assert.match(html, new RegExp(`<meta ${key} content="[^"]+">`))
  })

  test('never lets a caption or a name out of its attribute', async () => {
    const attack = '"><script>alert(1)</script>\' & <b>'
    await anna.call('PATCH /api/me', { body: { fullName: attack } })
    const post = await kit.post(anna, { caption: attack.repeat(20) })
    const html = (await tags(post.id))!
    assert.ok(!html.includes('<script'))
    assert.ok(!html.includes('"">'))
    for (const line of html.split('\n'))
      assert.match(
        line,
        /^<(meta (property|name)="[a-z:_]+" content="[^"<>]*"|link rel="canonical" href="[^"<>]*")>$/,
      )
  })

  test('of what a visitor may not see is that of nothing', async () => {
    const hidden = await kit.person(undefined, { isPrivate: true })
    const secret = await kit.post(hidden, { caption: 'secret' })
    const uploadId = await kit.upload(anna, 'processing')
    const waiting = await anna.call('POST /api/posts', { body: { media: [{ uploadId }] } })
    const gone = await kit.post(anna)
    await anna.call('DELETE /api/posts/:id', { params: { id: gone.id } })
    for (const id of [secret.id, waiting.id, gone.id, '1', 'abc', '', "'", '99999999999999999999'])
      assert.equal(await tags(id), null, id)
  })
})
