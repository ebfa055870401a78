import { limits } from '@heliograph/contract/limits'
import type { VerificationCategory } from '@heliograph/contract/verification'
import { useRef, useState } from 'preact/hooks'
import { call, newIdempotencyKey } from '../../lib/api.ts'
import { problemText } from '../../lib/problem-text.ts'
import { uploadFile } from '../../lib/upload.ts'
import { Button } from '../../ui/button.tsx'
import { TextArea, TextField } from '../../ui/field.tsx'
import { toast } from '../../ui/toast.tsx'
import { Choice } from '../settings/choice.tsx'
import { EvidenceFiles } from './evidence-files.tsx'
import { v } from './verification-words.ts'

const categories: readonly VerificationCategory[] = [
  'photographer',
  'artist',
  'journalist',
  'public_figure',
  'business',
  'organisation',
  'government',
  'other',
]

export function RequestForm({ onSent }: { onSent: () => void }) {
  const [category, setCategory] = useState<VerificationCategory>('photographer')
  const [fullName, setFullName] = useState('')
  const [knownAs, setKnownAs] = useState('')
  const [links, setLinks] = useState('')
  const [files, setFiles] = useState<readonly File[]>([])
  const [sent, setSent] = useState<number | undefined>(undefined)
  const [problem, setProblem] = useState<unknown>()
  const key = useRef(newIdempotencyKey())

  const addresses = links.split(/\s+/).filter(Boolean)
  const linksAreWrong =
    addresses.length > limits.verificationLinks || addresses.some((one) => !/^https?:\/\/\S+\.\S/.test(one))
  const mayBeSent = fullName.trim() !== '' && files.length > 0 && !linksAreWrong

  async function send(event: Event): Promise<void> {
    event.preventDefault()
    setProblem(undefined)
    setSent(0)
    try {
      const evidence = await sendAll(files, setSent)
      const body = {
        category,
        fullName: fullName.trim(),
        ...(knownAs.trim() && { knownAs: knownAs.trim() }),
        ...(addresses.length > 0 && { links: addresses }),
        evidence,
      }
      await call('POST /api/me/verification-request', { body, idempotencyKey: key.current })
      toast(v('sent'))
      onSent()
    } catch (error) {
      // What was sent is part of nothing: the next try sends it anew, as another request.
      key.current = newIdempotencyKey()
      setProblem(error)
      setSent(undefined)
    }
  }

  return (
    <form onSubmit={(event) => void send(event)}>
      <p class="settings-row">{v('lead')}</p>
      <Choice
        label={v('category')}
        value={category}
        options={categories.map((value) => ({ value, label: v(`category.${value}`) }))}
        onChange={setCategory}
      />
      <div class="settings-form">
        <TextField
          label={v('fullName')}
          hint={v('fullName.hint')}
          autoComplete="name"
          autoCapitalize="words"
          required
          max={limits.fullNameLength}
          value={fullName}
          onInput={setFullName}
        />
        <TextField
          label={v('knownAs')}
          autoCapitalize="words"
          max={limits.fullNameLength}
          value={knownAs}
          onInput={setKnownAs}
        />
        <TextArea
          label={v('links')}
          hint={v('links.hint', { count: limits.verificationLinks })}
          error={linksAreWrong ? v('links.wrong', { count: limits.verificationLinks }) : undefined}
          rows={2}
          value={links}
          onInput={setLinks}
        />
        <EvidenceFiles files={files} onChange={setFiles} />
        {problem ? (
          <p class="field-error" role="alert">
            {problemText(problem)}
          </p>
        ) : null}
        <Button kind="primary" type="submit" wide busy={sent !== undefined} disabled={!mayBeSent}>
          {sent === undefined ? v('send') : v('sending', { percent: Math.floor(sent * 100) })}
        </Button>
      </div>
    </form>
  )
}

async function sendAll(files: readonly File[], onProgress: (share: number) => void): Promise<string[]> {
  const total = files.reduce((sum, { size }) => sum + size, 0)
  const ids: string[] = []
  let before = 0
  for (const file of files) {
    const told = (sent: number) => onProgress((before + sent) / total)
    ids.push(await uploadFile(file, { purpose: 'evidence', onProgress: told }))
    before += file.size
  }
  return ids
}
