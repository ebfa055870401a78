import type { HiddenWords } from '@heliograph/contract/interactions'
import { limits } from '@heliograph/contract/limits'
import { codePointLength } from '@heliograph/contract/text'
import { useEffect, useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { problemText } from '../../lib/problem-text.ts'
import { Button } from '../../ui/button.tsx'
import { Switch, TextArea } from '../../ui/field.tsx'
import { ProblemNotice } from '../../ui/notice.tsx'
import { toast } from '../../ui/toast.tsx'
import { SettingsShell } from './settings-shell.tsx'
import { w } from './settings-words.ts'

/** One word or phrase a line. */
export function HiddenWordsPage() {
  const [chosen, setChosen] = useState<HiddenWords | undefined>(undefined)
  const [problem, setProblem] = useState<unknown>()
  const read = () => {
    setProblem(undefined)
    call('GET /api/me/hidden-words').then(setChosen, setProblem)
  }
  useEffect(read, [])
  return (
    <SettingsShell title={w('words.title')} at="/settings/privacy" backTo="/settings/privacy">
      {problem ? <ProblemNotice error={problem} onRetry={read} /> : null}
      {chosen ? <Form before={chosen} /> : null}
    </SettingsShell>
  )
}

function Form({ before }: { before: HiddenWords }) {
  const [text, setText] = useState(before.words.join('\n'))
  const [useList, setUseList] = useState(before.useList)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>()
  const words = text.split('\n').flatMap((line) => line.trim() || [])
  const fault = faultOf(words) ?? (problem ? problemText(problem) : undefined)

  async function save(): Promise<void> {
    setBusy(true)
    setProblem(undefined)
    try {
      const saved = await call('PUT /api/me/hidden-words', { body: { words, useList } })
      setText(saved.words.join('\n'))
      toast(w('words.saved'))
    } catch (error) {
      setProblem(error)
    } finally {
      setBusy(false)
    }
  }

  return (
    <form
      class="settings-form"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <p class="quiet">{w('words.text')}</p>
      <TextArea
        label={w('words.field')}
        hint={w('words.hint')}
        error={fault}
        rows={8}
        value={text}
        onInput={setText}
      />
      <Switch label={w('words.list')} hint={w('words.list.hint')} checked={useList} onChange={setUseList} />
      <Button type="submit" kind="primary" busy={busy} disabled={faultOf(words) !== undefined}>
        {t('ui.save')}
      </Button>
    </form>
  )
}

function faultOf(words: readonly string[]): string | undefined {
  if (words.length > limits.hiddenWords) return w('words.tooMany', { count: limits.hiddenWords })
  const long = words.find((word) => codePointLength(word) > limits.hiddenWordLength)
  return (
    long &&
    w('words.tooLong', { word: `${[...long].slice(0, 20).join('')}…`, count: limits.hiddenWordLength })
  )
}
