import { limits } from '@heliograph/contract/limits'
import type { ComponentChildren } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { locale } from '../../lib/i18n.ts'
import { toast } from '../../ui/toast.tsx'
import { bytesInWords, mediaLimits } from '../share/media-limits.ts'
import type { Refusal } from '../share/pick-media.ts'
import { CameraSheet } from './camera-sheet.tsx'
import { pickStories } from './look-at-picture.ts'
import { w } from './stories-words.ts'
import type { StoryDraft } from './story-drafts.ts'

/** As many as go out together; more are another time. */
const atOnce = 10
const accepted =
  'image/jpeg,image/png,image/webp,image/avif,image/gif,image/heic,image/heif,.heic,.heif,video/*,.mov,.mkv,.webm'

interface Picking {
  busy: boolean
  choose: () => void
  photograph: () => void
  take: (files: readonly File[]) => void
  /** Stand anywhere in the page. */
  parts: ComponentChildren
}

/** Files of the device, and its camera: in the page where the browser allows it, else the phone's own. */
export function usePicking({
  have,
  onAdd,
}: {
  have: number
  onAdd: (drafts: readonly StoryDraft[]) => void
}): Picking {
  const [busy, setBusy] = useState(false)
  const [camera, setCamera] = useState(false)
  const chooser = useRef<HTMLInputElement>(null)
  const ownCamera = useRef<HTMLInputElement>(null)

  /** From the camera they fill the frame, as they filled the screen. */
  async function take(files: readonly File[], fromCamera = false): Promise<void> {
    if (files.length === 0) return
    setBusy(true)
    const { drafts, refused, cut } = await pickStories(files, atOnce - have)
    setBusy(false)
    for (const { name, why } of refused) toast(await refusalText(name, why))
    if (cut) toast(w('pick.tooMany', { count: atOnce }))
    if (drafts.length === 0) return
    onAdd(fromCamera ? drafts.map((draft) => ({ ...draft, fit: 'crop' as const })) : drafts)
  }

  function taken(input: HTMLInputElement): void {
    const files = [...(input.files ?? [])]
    input.value = ''
    void take(files)
  }

  const common = { type: 'file', class: 'unseen', tabIndex: -1, 'aria-hidden': 'true' } as const
  return {
    busy,
    choose: () => chooser.current?.click(),
    photograph() {
      if (typeof navigator.mediaDevices?.getUserMedia === 'function') setCamera(true)
      else ownCamera.current?.click()
    },
    take: (files) => void take(files),
    parts: (
      <>
        <input
          {...common}
          ref={chooser}
          accept={accepted}
          multiple
          onChange={(event) => taken(event.currentTarget)}
        />
        <input
          {...common}
          ref={ownCamera}
          accept="image/*,video/*"
          capture="environment"
          onChange={(event) => taken(event.currentTarget)}
        />
        {camera ? (
          <CameraSheet
            onTake={(file) => {
              setCamera(false)
              void take([file], true)
            }}
            onClose={() => setCamera(false)}
            onRefused={() => {
              setCamera(false)
              toast(w('camera.refused'))
              ownCamera.current?.click()
            }}
          />
        ) : null}
        <p class="unseen" role="status">
          {busy ? w('pick.opening') : ''}
        </p>
      </>
    ),
  }
}

async function refusalText(name: string, why: Refusal): Promise<string> {
  const { photoBytes, video } = await mediaLimits()
  const bytes = why === 'videoTooLarge' ? (video?.bytes ?? 0) : photoBytes
  return w(`pick.${why}`, { name, size: bytesInWords(bytes, locale()), seconds: limits.storySeconds })
}
