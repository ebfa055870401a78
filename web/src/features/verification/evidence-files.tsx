import { limits } from '@heliograph/contract/limits'
import type { EvidenceType } from '@heliograph/contract/verification'
import { FileText, X } from 'lucide-preact'
import { useId, useRef, useState } from 'preact/hooks'
import { locale } from '../../lib/i18n.ts'
import { Button } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { bytesText } from '../settings/bytes-text.ts'
import { v } from './verification-words.ts'

const types: readonly EvidenceType[] = ['image/jpeg', 'image/png', 'image/webp', 'application/pdf']

interface EvidenceFilesProps {
  files: readonly File[]
  onChange: (files: readonly File[]) => void
}

/** What shows who somebody is, and what becomes of it, before it is chosen. */
export function EvidenceFiles({ files, onChange }: EvidenceFilesProps) {
  const chooser = useRef<HTMLInputElement>(null)
  const [fault, setFault] = useState<string | undefined>(undefined)
  const hint = useId()
  const size = bytesText(limits.evidenceBytes, locale())

  function add(chosen: readonly File[]): void {
    const wrong = chosen.find(
      (file) => !(types as readonly string[]).includes(file.type) || file.size > limits.evidenceBytes,
    )
    const many = files.length + chosen.length > limits.evidencePerRequest
    const found = wrong
      ? v('evidence.wrong', { name: wrong.name, size })
      : many
        ? v('evidence.many', { count: limits.evidencePerRequest })
        : undefined
    setFault(found)
    if (!found) onChange([...files, ...chosen])
  }

  return (
    <fieldset class="field" aria-describedby={hint}>
      <legend>{v('evidence')}</legend>
      <input
        ref={chooser}
        type="file"
        hidden
        multiple
        accept={types.join(',')}
        onChange={(event) => {
          add([...(event.currentTarget.files ?? [])])
          event.currentTarget.value = ''
        }}
      />
      <ul>
        {files.map((file) => (
          <li key={`${file.name} ${file.size} ${file.lastModified}`} class="captions-chosen">
            <Icon of={FileText} size={20} />
            <span dir="auto">{file.name}</span>
            <IconButton
              icon={X}
              size={18}
              label={v('evidence.remove', { name: file.name })}
              onClick={() => onChange(files.filter((other) => other !== file))}
            />
          </li>
        ))}
      </ul>
      <Button onClick={() => chooser.current?.click()}>{v('evidence.add')}</Button>
      <div class="field-foot">
        <span id={hint} class={fault ? 'field-error' : 'field-note'} role={fault ? 'alert' : undefined}>
          {fault ?? v('evidence.hint', { count: limits.evidencePerRequest, size })}
        </span>
      </div>
    </fieldset>
  )
}
