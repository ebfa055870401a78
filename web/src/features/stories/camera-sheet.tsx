import { limits } from '@heliograph/contract/limits'
import { Circle, Square, SwitchCamera, X } from 'lucide-preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { mendRecording } from '../../lib/mended-recording.ts'
import { clockTime } from '../../lib/time.ts'
import { Icon } from '../../ui/icon.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { w } from './stories-words.ts'

interface CameraSheetProps {
  onTake: (file: File) => void
  onClose: () => void
  /** The browser, or the person, does not let the page see. */
  onRefused: () => void
}

type Facing = 'user' | 'environment'

/** What the camera sees, a button for a photograph and one for a film. */
export function CameraSheet({ onTake, onClose, onRefused }: CameraSheetProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const video = useRef<HTMLVideoElement>(null)
  const [facing, setFacing] = useState<Facing>('environment')
  const [stream, setStream] = useState<MediaStream | undefined>(undefined)
  const recording = useRecording(stream, onTake)

  useLayoutEffect(() => {
    const opener = document.activeElement
    const element = dialog.current
    element?.showModal()
    return () => {
      element?.close()
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true })
    }
  }, [])

  useEffect(() => {
    let opened: MediaStream | undefined
    let isPast = false
    openCamera(facing).then(
      (found) => {
        opened = found
        if (isPast) return stop(found)
        setStream(found)
        if (video.current) video.current.srcObject = found
      },
      () => {
        if (!isPast) onRefused()
      },
    )
    return () => {
      isPast = true
      stop(opened)
    }
  }, [facing])

  async function photograph(): Promise<void> {
    const picture = video.current && (await pictureOf(video.current))
    if (picture) onTake(picture)
  }

  return (
    <dialog
      ref={dialog}
      class="camera"
      aria-label={w('camera')}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
    >
      <video
        ref={video}
        class={facing === 'user' ? 'camera-mirrored' : ''}
        autoPlay
        playsInline
        muted
        aria-label={w('camera.sees')}
      />
      <div class="camera-top">
        <IconButton icon={X} label={t('ui.close')} onClick={onClose} />
        {recording.seconds === undefined ? null : (
          <span role="timer" class="camera-time">
            {clockTime(recording.seconds)}
          </span>
        )}
      </div>
      <div class="camera-tools">
        {recording.isPossible ? (
          <button
            type="button"
            class="camera-film"
            aria-pressed={recording.seconds !== undefined}
            aria-label={w(recording.seconds === undefined ? 'camera.film' : 'camera.film.stop')}
            onClick={recording.toggle}
          >
            <Icon of={recording.seconds === undefined ? Circle : Square} size={26} />
          </button>
        ) : (
          <span />
        )}
        <button
          type="button"
          class="camera-shutter"
          aria-label={w('camera.photograph')}
          disabled={!stream || recording.seconds !== undefined}
          onClick={() => void photograph()}
        />
        <IconButton
          icon={SwitchCamera}
          label={w('camera.other')}
          disabled={recording.seconds !== undefined}
          onClick={() => setFacing(facing === 'user' ? 'environment' : 'user')}
        />
      </div>
    </dialog>
  )
}

/** With sound where that is allowed too; a silent film is better than none. */
async function openCamera(facingMode: Facing): Promise<MediaStream> {
  const picture = { facingMode, width: { ideal: 1920 }, height: { ideal: 1080 } }
  const { mediaDevices } = navigator
  try {
    return await mediaDevices.getUserMedia({ video: picture, audio: true })
  } catch {
    return await mediaDevices.getUserMedia({ video: picture })
  }
}

function stop(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop()
}

async function pictureOf(video: HTMLVideoElement): Promise<File | undefined> {
  const canvas = document.createElement('canvas')
  canvas.width = video.videoWidth
  canvas.height = video.videoHeight
  if (canvas.width === 0) return undefined
  canvas.getContext('2d')?.drawImage(video, 0, 0)
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.92))
  return blob ? new File([blob], 'camera.jpg', { type: 'image/jpeg' }) : undefined
}

function useRecording(stream: MediaStream | undefined, onTake: (file: File) => void) {
  const recorder = useRef<MediaRecorder | undefined>(undefined)
  const [seconds, setSeconds] = useState<number | undefined>(undefined)
  useEffect(() => {
    if (seconds === undefined) return
    const timer = setTimeout(() => setSeconds(seconds + 1), 1000)
    return () => clearTimeout(timer)
  }, [seconds])
  // Closed while it records: with its tracks it stops by itself, and is not wanted.
  useEffect(
    () => () => {
      if (recorder.current) recorder.current.onstop = null
    },
    [],
  )
  function begin(from: MediaStream): void {
    const pieces: Blob[] = []
    const mine = new MediaRecorder(from)
    mine.ondataavailable = ({ data }) => pieces.push(data)
    // A clock of its own: what is shown may lag behind, and a longer one is no Story.
    const last = setTimeout(() => {
      if (mine.state === 'recording') mine.stop()
    }, limits.storySeconds * 1000)
    mine.onstop = async () => {
      clearTimeout(last)
      setSeconds(undefined)
      const type = mine.mimeType.split(';')[0] || 'video/webm'
      const film = await mendRecording(new Blob(pieces, { type }))
      onTake(new File([film], type.endsWith('mp4') ? 'camera.mp4' : 'camera.webm', { type }))
    }
    recorder.current = mine
    mine.start()
    setSeconds(0)
  }

  return {
    isPossible: typeof MediaRecorder === 'function',
    seconds,
    toggle() {
      if (seconds !== undefined) recorder.current?.stop()
      else if (stream) begin(stream)
    },
  }
}
