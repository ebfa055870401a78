import { Captions, X } from 'lucide-preact'
import { useRef, useState } from 'preact/hooks'
import { Button } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { CaptionsInput } from './captions-input.tsx'
import type { DraftVideo } from './drafts.ts'
import { s } from './share-words.ts'

interface CaptionsPickerProps {
  video: DraftVideo
  onChange: (video: DraftVideo) => void
}

/** A file of captions for a video, for those who cannot hear it and those who watch without sound. */
export function CaptionsPicker({ video, onChange }: CaptionsPickerProps) {
  const chooser = useRef<HTMLInputElement>(null)
  const [fault, setFault] = useState(false)
  const { captions, ...rest } = video

  return (
    <div class="captions-picker">
      <CaptionsInput
        input={chooser}
        onTake={(taken) => {
          setFault(!taken)
          if (taken) onChange({ ...rest, captions: taken })
        }}
      />
      {captions ? (
        <p class="captions-chosen">
          <Icon of={Captions} size={20} />
          <span>{captions.name}</span>
          <IconButton icon={X} size={18} label={s('captions.remove')} onClick={() => onChange(rest)} />
        </p>
      ) : (
        <Button onClick={() => chooser.current?.click()}>
          <Icon of={Captions} size={20} /> {s('captions.add')}
        </Button>
      )}
      {captions && !fault ? null : (
        <p class={fault ? 'field-error' : 'field-note'} role={fault ? 'alert' : undefined}>
          {s(fault ? 'captions.fault' : 'captions.hint')}
        </p>
      )}
    </div>
  )
}
