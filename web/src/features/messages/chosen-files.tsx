import { limits } from '@heliograph/contract/limits'
import { FileImage, Play, X } from 'lucide-preact'
import { useObjectUrl } from '../../lib/use-object-url.ts'
import { Icon } from '../../ui/icon.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { w } from './messages-words.ts'
import type { OutgoingFile } from './outgoing.ts'

interface ChosenFilesProps {
  files: readonly OutgoingFile[]
  /** How many are still looked at. */
  coming: number
  onChange: (files: readonly OutgoingFile[]) => void
}

/** What will go along, above the field. */
export function ChosenFiles({ files, coming, onChange }: ChosenFilesProps) {
  if (files.length + coming === 0) return null
  return (
    <ul class="writer-files" aria-label={w('chosen.files')} aria-busy={coming > 0}>
      {files.map((file, at) => (
        <Chosen
          key={file.file}
          of={file}
          position={`${at + 1}/${files.length}`}
          onRemove={() => onChange(files.filter((one) => one !== file))}
        />
      ))}
      {Array.from({ length: Math.min(coming, limits.attachmentsPerMessage - files.length) }, (_, at) => (
        <li key={at}>
          <span class="skeleton" role="img" aria-label={w('chosen.coming')} />
        </li>
      ))}
    </ul>
  )
}

function Chosen({ of, position, onRemove }: { of: OutgoingFile; position: string; onRemove: () => void }) {
  const picture = of.kind === 'video' ? (of.frame ?? undefined) : of.width > 0 ? of.file : undefined
  const url = useObjectUrl(picture)
  return (
    <li>
      {url ? (
        <img src={url} alt={w(`chosen.${of.kind}`, { position })} />
      ) : (
        <span role="img" aria-label={w(`chosen.${of.kind}`, { position })}>
          <Icon of={FileImage} size={28} />
        </span>
      )}
      {of.kind === 'video' ? <Play size={16} aria-hidden="true" /> : null}
      <IconButton icon={X} size={16} label={w('chosen.leave', { position })} onClick={onRemove} />
    </li>
  )
}
