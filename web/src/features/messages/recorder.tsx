import { SendHorizontal, Square, Trash2 } from 'lucide-preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { clockTime } from '../../lib/time.ts'
import { useLeavingAsked } from '../../lib/use-leaving-asked.ts'
import { useObjectUrl } from '../../lib/use-object-url.ts'
import { IconButton } from '../../ui/icon-button.tsx'
import { announce, toast } from '../../ui/toast.tsx'
import { w } from './messages-words.ts'
import type { OutgoingFile } from './outgoing.ts'
import { VoiceNote, Waveform } from './voice-note.tsx'
import { type Recorder as Recording, startRecording } from './voice-recorder.ts'

interface RecorderProps {
  onSend: (note: OutgoingFile) => void
  onClose: () => void
}

/** So many of the last levels fit beside the time. */
const shownLevels = 64

/** Shorter than this nobody has said anything. */
const shortestMs = 500

/** In place of the field: it records at once; one may listen to it before it goes out, or throw it away. */
export function Recorder({ onSend, onClose }: RecorderProps) {
  const [recording, setRecording] = useState<Recording | undefined>(undefined)
  const [note, setNote] = useState<OutgoingFile | undefined>(undefined)
  const present = useRef<Recording | undefined>(undefined)
  const openedAt = useRef(performance.now())
  const url = useObjectUrl(note?.file)

  useEffect(() => {
    let left = false
    startRecording(() => void stop()).then(
      (started) => {
        if (left) return started.cancel()
        present.current = started
        setRecording(started)
        announce(w('voice.recording'))
      },
      () => {
        toast(w('voice.refused'))
        onClose()
      },
    )
    return () => {
      left = true
      present.current?.cancel()
    }
  }, [])

  // Until it is sent it is in memory alone.
  useLeavingAsked(true)

  async function stop(): Promise<OutgoingFile | undefined> {
    const running = present.current
    present.current = undefined
    if (!running) return undefined
    const { file, seconds, waveform } = await running.stop()
    const made: OutgoingFile = { kind: 'voice', file, width: 0, height: 0, seconds, waveform }
    setNote(made)
    setRecording(undefined)
    return made
  }

  async function send(): Promise<void> {
    // The second half of a double click on what was here before.
    if (!note && performance.now() - openedAt.current < shortestMs) return
    const made = note ?? (await stop())
    if (made) onSend(made)
  }

  return (
    <fieldset class="writer-row writer-recording" aria-label={w('voice')}>
      <IconButton icon={Trash2} label={w('voice.discard')} onClick={onClose} />
      {note ? (
        <VoiceNote source={url} seconds={note.seconds ?? 0} waveform={note.waveform ?? []} />
      ) : (
        <>
          <span class="writer-light" aria-hidden="true" />
          <span class="voice-time" role="timer">
            {clockTime(recording?.seconds.value ?? 0)}
          </span>
          <Waveform levels={[...silence, ...(recording?.levels.value ?? [])].slice(-shownLevels)} />
          <IconButton
            icon={Square}
            label={w('voice.stop')}
            disabled={!recording}
            onClick={() => void stop()}
          />
        </>
      )}
      <IconButton
        icon={SendHorizontal}
        class="send"
        label={w('voice.send')}
        disabled={!note && !recording}
        onClick={() => void send()}
      />
    </fieldset>
  )
}

const silence = Array.from({ length: shownLevels }, () => 0)
