import { signal } from '@preact/signals'
import { onSignOut } from '../../lib/session.ts'
import type { Outgoing, OutgoingFile } from './outgoing.ts'

/** What this device has of what it sends: shown until the server has prepared its own. */
interface Local extends OutgoingFile {
  /** Of the photograph, the sound, or one picture of the video. */
  readonly url: string | undefined
}

/** By the id of the message, in the order of its files. */
const known = signal<ReadonlyMap<string, readonly Local[]>>(new Map())
const knownMax = 50

export function localMedia(clientId: string | undefined): readonly Local[] {
  return (clientId && known.value.get(clientId)) || []
}

export function noteLocalMedia({ clientId, attachments }: Outgoing): void {
  const files = attachments.flatMap((one) => (one.type === 'media' ? [one.media] : []))
  if (files.length === 0 || known.peek().has(clientId)) return
  const next = new Map(known.peek())
  next.set(
    clientId,
    files.map((file) => ({ ...file, url: urlOf(file) })),
  )
  for (const [oldest, locals] of next) {
    if (next.size <= knownMax) break
    release(locals)
    next.delete(oldest)
  }
  known.value = next
}

function urlOf({ kind, file, frame, width }: OutgoingFile): string | undefined {
  if (kind === 'voice') return URL.createObjectURL(file)
  const picture = kind === 'video' ? frame : width > 0 ? file : undefined
  return picture ? URL.createObjectURL(picture) : undefined
}

function release(locals: readonly Local[]): void {
  for (const { url } of locals) if (url) URL.revokeObjectURL(url)
}

onSignOut(() => {
  for (const locals of known.value.values()) release(locals)
  known.value = new Map()
})
