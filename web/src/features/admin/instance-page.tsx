import type { Instance, InstanceText } from '@heliograph/contract/admin'
import { limits } from '@heliograph/contract/limits'
import { codePointLength } from '@heliograph/contract/text'
import { useEffect, useState } from 'preact/hooks'
import { ApiProblem, call } from '../../lib/api.ts'
import { problemText } from '../../lib/problem-text.ts'
import { administers } from '../../lib/session.ts'
import { withProof } from '../../lib/with-proof.ts'
import { Button } from '../../ui/button.tsx'
import { TextArea, TextField } from '../../ui/field.tsx'
import { ProblemNotice } from '../../ui/notice.tsx'
import { toast } from '../../ui/toast.tsx'
import { AdminFrame, Loading } from './admin-frame.tsx'
import { a } from './admin-words.ts'

export function InstancePage() {
  const [instance, setInstance] = useState<Instance>()
  const [problem, setProblem] = useState<unknown>()

  async function read(): Promise<void> {
    setProblem(undefined)
    await call('GET /api/instance').then(setInstance, setProblem)
  }
  useEffect(() => {
    if (administers.value) void read()
  }, [])

  return (
    <AdminFrame at="server">
      {problem ? <ProblemNotice error={problem} onRetry={() => void read()} /> : null}
      {instance || problem ? null : <Loading />}
      {instance ? <InstanceForm from={instance} /> : null}
    </AdminFrame>
  )
}

/** As it is written: lists are lines or words with commas between them. */
function InstanceForm({ from }: { from: Instance }) {
  const [values, setValues] = useState({
    name: from.name,
    description: from.description,
    rules: from.rules.join('\n'),
    contact: from.contact,
    languages: from.languages.join(', '),
    terms: from.terms,
    source: from.sourceUrl ?? '',
  })
  const [wrong, setWrong] = useState<ReadonlySet<string>>(new Set())
  const [busy, setBusy] = useState(false)
  const write = (field: keyof typeof values) => (value: string) =>
    setValues((before) => ({ ...before, [field]: value }))
  const errorOf = (field: string) => (wrong.has(field) ? a('server.wrong') : undefined)
  const rules = linesOf(values.rules)
  const isMuch =
    rules.length > limits.instanceRules ||
    rules.some((rule) => codePointLength(rule) > limits.instanceRuleLength)

  async function save(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    if (busy || isMuch) return
    setBusy(true)
    setWrong(new Set())
    const body: InstanceText = {
      name: values.name.trim(),
      description: values.description.trim(),
      rules,
      contact: values.contact.trim(),
      languages: values.languages.split(/[\s,]+/).filter(Boolean),
      terms: values.terms.trim(),
      sourceUrl: values.source.trim() || null,
    }
    try {
      await withProof(() => call('PUT /api/admin/instance', { body }))
      toast(a('server.done'))
    } catch (error) {
      if (error instanceof ApiProblem) setWrong(new Set(error.errors.map(({ path }) => fieldOf(path))))
      toast(problemText(error))
    } finally {
      setBusy(false)
    }
  }

  return (
    <form class="admin-form admin-page-form" noValidate onSubmit={(event) => void save(event)}>
      <p>
        <a class="text-link" href="/about">
          {a('server.about')}
        </a>
      </p>
      <TextField
        label={a('server.name')}
        value={values.name}
        max={limits.instanceNameLength}
        error={errorOf('name')}
        onInput={write('name')}
      />
      <TextArea
        label={a('server.description')}
        value={values.description}
        max={limits.instanceTextLength}
        error={errorOf('description')}
        onInput={write('description')}
      />
      <TextArea
        label={a('server.rules')}
        hint={a('server.rules.hint')}
        value={values.rules}
        rows={5}
        error={
          isMuch
            ? a('server.rules.many', { max: limits.instanceRules, length: limits.instanceRuleLength })
            : errorOf('rules')
        }
        onInput={write('rules')}
      />
      <TextField
        label={a('server.contact')}
        hint={a('server.contact.hint')}
        value={values.contact}
        max={limits.instanceContactLength}
        error={errorOf('contact')}
        onInput={write('contact')}
      />
      <TextField
        label={a('server.languages')}
        hint={a('server.languages.hint')}
        value={values.languages}
        autoCapitalize="none"
        error={errorOf('languages')}
        onInput={write('languages')}
      />
      <TextArea
        label={a('server.terms')}
        value={values.terms}
        max={limits.instanceTermsLength}
        error={errorOf('terms')}
        onInput={write('terms')}
      />
      <TextField
        label={a('server.source')}
        hint={a('server.source.hint')}
        value={values.source}
        autoCapitalize="none"
        error={errorOf('source')}
        onInput={write('source')}
      />
      <Button kind="primary" type="submit" wide busy={busy}>
        {a('server.save')}
      </Button>
    </form>
  )
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
}

/** `body.rules.2` → rules. */
function fieldOf(path: string): string {
  const name = path.split(/[.[]/)[1] ?? ''
  return name === 'sourceUrl' ? 'source' : name
}
