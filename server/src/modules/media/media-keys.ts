import type { UploadPurpose } from '@heliograph/contract/media'
import { type Id, timeOf } from '#platform/ids/ids.ts'
import type { MediaType } from './media-tables.ts'

// Keys of objects. They name the medium, the rendering (token) and nothing that a person typed; the day is
// that of the medium's id, so a key can be told from id and token alone. A key's content never changes.

export interface RenditionKeys {
  /** Null of a voice note, as all of its pictures. */
  thumbnail: string | null
  medium: string | null
  large: string | null
  fallback: string | null
  /** Of videos alone. */
  video?: string
  /** The master playlist. */
  hls?: string
  /** Of voice notes alone. */
  audio?: string
}

export interface AvatarKeys {
  small: string
  medium: string
  large: string
}

/** Masters lie under the upload's id: it is known before the medium exists, and no address leads here. */
export function masterKey(uploadId: Id): string {
  return `masters/${dayOf(uploadId)}/${uploadId}`
}

/** Originals that keep their format; all others are JPEG. */
const keptEndings = new Set(['png', 'webp', 'mp4', 'mov', 'webm', 'mkv'])

export function originalKey(mediaId: Id, token: string, format: string): string {
  const ending = keptEndings.has(format) ? format : 'jpg'
  return `originals/${dayOf(mediaId)}/${mediaId}_${token}.${ending}`
}

export function photoKeys(mediaId: Id, token: string) {
  const folder = `photos/${dayOf(mediaId)}`
  const name = `${mediaId}_${token}`
  return {
    thumbnail: `${folder}/thumbnail/${name}_150.webp`,
    medium: `${folder}/medium/${name}_640.webp`,
    large: `${folder}/large/${name}_1080.webp`,
    fallback: `${folder}/fallback/${name}_1080.jpg`,
  }
}

function videoKeys(mediaId: Id, token: string): RenditionKeys {
  const folder = `videos/${dayOf(mediaId)}`
  const name = `${mediaId}_${token}`
  return {
    thumbnail: `${folder}/poster/${name}_150.webp`,
    medium: `${folder}/poster/${name}_640.webp`,
    large: `${folder}/poster/${name}_1080.webp`,
    fallback: `${folder}/poster/${name}_1080.jpg`,
    video: `${folder}/720p/${name}_720.mp4`,
    hls: `${folder}/hls/${name}/${masterPlaylist}`,
  }
}

/** Stories lie in a store of their own, which knows them by this. */
export const storiesFolder = 'stories'

function attachedKeys(
  { purpose, media_type: type, id, token }: KeyParts,
  { folder: kind, width }: { folder: string; width: number },
): RenditionKeys {
  const folder = `${kind}/${dayOf(id)}`
  const name = `${id}_${token}`
  if (purpose === 'voice')
    return {
      ...{ thumbnail: null, medium: null, large: null, fallback: null },
      audio: `${folder}/voice/${name}.m4a`,
    }
  return {
    thumbnail: `${folder}/thumbnail/${name}_150.webp`,
    medium: null,
    large: `${folder}/image/${name}_${width}.webp`,
    fallback: `${folder}/image/${name}_${width}.jpg`,
    ...(type === 'video' ? { video: `${folder}/video/${name}_720.mp4` } : {}),
  }
}

const masterPlaylist = 'master.m3u8'

/** Where all that plays from this playlist lies; ends with a slash, as no key does. */
export function folderOfPlaylist(hlsKey: string): string {
  return hlsKey.slice(0, hlsKey.lastIndexOf('/') + 1)
}

export function captionsKey(mediaId: Id, token: string): string {
  return `captions/${dayOf(mediaId)}/${mediaId}_${token}.vtt`
}

/** All that another module needs to keep of an avatar: its sizes follow from it. */
export function avatarKey(mediaId: Id, token: string): string {
  return `${mediaId}_${token}`
}

export function mediaIdOfAvatarKey(name: string): Id {
  return name.slice(0, name.indexOf('_'))
}

export function avatarKeys(name: string): AvatarKeys {
  const folder = `avatars/${dayOf(mediaIdOfAvatarKey(name))}`
  const key = (size: number) => `${folder}/${size}/${name}_${size}.webp`
  return { small: key(64), medium: key(150), large: key(320) }
}

interface KeyParts {
  purpose: UploadPurpose
  media_type: MediaType
  id: Id
  token: string
}

/** Of the rendering that the row's token stands for. */
export function keysOf(row: KeyParts): RenditionKeys {
  const { id: mediaId, token } = row
  if (row.purpose === 'story') return attachedKeys(row, { folder: storiesFolder, width: 720 })
  if (row.purpose === 'message' || row.purpose === 'voice')
    return attachedKeys(row, { folder: 'messages', width: 1080 })
  if (row.media_type === 'video') return videoKeys(mediaId, token)
  if (row.purpose !== 'avatar') return photoKeys(mediaId, token)
  const { small, medium, large } = avatarKeys(avatarKey(mediaId, token))
  return { thumbnail: small, medium, large, fallback: null }
}

/** Of one rendering: the next one takes its place. */
export function isRenditionKey(key: string): boolean {
  return /^(?:photos|videos|avatars|stories|messages)\//.test(key)
}

/** The medium that a key's file name speaks of; undefined when it is no name of ours. */
export function mediaIdOfKey(key: string): Id | undefined {
  return (fileForm.exec(key) ?? playedForm.exec(key))?.[1]
}

const fileForm = /\/([1-9][0-9]{0,18})_[A-Za-z0-9-]+(?:_[0-9]+)?\.(?:webp|jpg|png|mp4|m4a|mov|webm|mkv|vtt)$/
/** Inside a folder that plays, the folder's name is the medium's. */
const playedForm = /\/hls\/([1-9][0-9]{0,18})_[A-Za-z0-9-]+\/[a-z0-9_]{1,40}\.(?:m3u8|mp4|m4s)$/

/** Which rendering a key belongs to: the first part of its path that names one, a file or a folder. */
export function renderingOfKey(key: string): { mediaId: Id; token: string } | undefined {
  const [, mediaId, token] = /(?:^|\/)([1-9][0-9]{0,18})_([A-Za-z0-9-]+)/.exec(key) ?? []
  return mediaId && token ? { mediaId, token } : undefined
}

export function uploadIdOfMasterKey(key: string): Id | undefined {
  return /^masters\/.*\/([1-9][0-9]{0,18})$/.exec(key)?.[1]
}

export function typeOfKey(key: string): string {
  return types.get(key.slice(key.lastIndexOf('.') + 1)) ?? 'application/octet-stream'
}

const types = new Map([
  ['webp', 'image/webp'],
  ['jpg', 'image/jpeg'],
  ['png', 'image/png'],
  ['mp4', 'video/mp4'],
  ['m4a', 'audio/mp4'],
  ['mov', 'video/quicktime'],
  ['webm', 'video/webm'],
  ['mkv', 'video/x-matroska'],
  ['m4s', 'video/iso.segment'],
  ['m3u8', 'application/vnd.apple.mpegurl'],
  ['vtt', 'text/vtt; charset=utf-8'],
])

function dayOf(id: Id): string {
  return new Date(timeOf(id)).toISOString().slice(0, 10).replaceAll('-', '/')
}
