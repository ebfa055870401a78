import type { UploadPurpose } from '@heliograph/contract/media'
import { type Id, timeOf } from '#platform/ids/ids.ts'

// Keys of objects. They name the medium, the rendering (token) and nothing that a person typed; the day is
// that of the medium's id, so a key can be told from id and token alone. A key's content never changes.

export interface RenditionKeys {
  thumbnail: string
  medium: string
  large: string
  fallback: string | null
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

export function originalKey(mediaId: Id, token: string, format: string): string {
  const lossless: Record<string, string> = { jpeg: 'jpg', png: 'png', webp: 'webp' }
  return `originals/${dayOf(mediaId)}/${mediaId}_${token}.${lossless[format] ?? 'jpg'}`
}

export function photoKeys(mediaId: Id, token: string): RenditionKeys & { fallback: string } {
  const folder = `photos/${dayOf(mediaId)}`
  const name = `${mediaId}_${token}`
  return {
    thumbnail: `${folder}/thumbnail/${name}_150.webp`,
    medium: `${folder}/medium/${name}_640.webp`,
    large: `${folder}/large/${name}_1080.webp`,
    fallback: `${folder}/fallback/${name}_1080.jpg`,
  }
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

export function keysOf(purpose: UploadPurpose, mediaId: Id, token: string): RenditionKeys {
  if (purpose === 'media') return photoKeys(mediaId, token)
  const { small, medium, large } = avatarKeys(avatarKey(mediaId, token))
  return { thumbnail: small, medium, large, fallback: null }
}

/** Of one rendering: the next one takes its place. */
export function isRenditionKey(key: string): boolean {
  return /^(?:photos|videos|avatars)\//.test(key)
}

/** The medium that a key's file name speaks of; undefined when it is no name of ours. */
export function mediaIdOfKey(key: string): Id | undefined {
  return /\/([1-9][0-9]{0,18})_[A-Za-z0-9-]+(?:_[0-9]+)?\.(?:webp|jpg|png)$/.exec(key)?.[1]
}

/** Which rendering a key belongs to: the first part of its path that names one, a file or a folder. */
export function renderingOfKey(key: string): { mediaId: Id; token: string } | undefined {
  const [, mediaId, token] = /(?:^|\/)([1-9][0-9]{0,18})_([A-Za-z0-9-]+)/.exec(key) ?? []
  return mediaId && token ? { mediaId, token } : undefined
}

export function uploadIdOfMasterKey(key: string): Id | undefined {
  return /^masters\/.*\/([1-9][0-9]{0,18})$/.exec(key)?.[1]
}

export function typeOfKey(key: string): string {
  if (key.endsWith('.webp')) return 'image/webp'
  if (key.endsWith('.jpg')) return 'image/jpeg'
  if (key.endsWith('.png')) return 'image/png'
  return 'application/octet-stream'
}

function dayOf(id: Id): string {
  return new Date(timeOf(id)).toISOString().slice(0, 10).replaceAll('-', '/')
}
