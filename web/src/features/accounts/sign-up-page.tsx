import { limits } from '@heliograph/contract/limits'
import { isWellFormedUsername, normalizeUsername } from '@heliograph/contract/usernames'
import type { ComponentChildren } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { ApiProblem, newIdempotencyKey } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { navigate, place } from '../../lib/navigation.ts'
import { problemText } from '../../lib/problem-text.ts'
import { signUp } from '../../lib/session.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { AuthPage } from './auth-page.tsx'
import { authProblem } from './auth-problem.ts'
import { w } from './door-words.ts'
import { PasswordField } from './password-field.tsx'
import { safeNext } from './safe-next.ts'
import { useInstance } from './use-instance.ts'

type Field = 'username' | 'fullName' | 'email' | 'password' | 'birthDate'
type Errors = Partial<Record<Field, string>>

export function SignUpPage() {
  const next = safeNext(place.value.query)
  const hash = new URLSearchParams(place.value.hash.slice(1))
  const [ownerCode, invitation] = [hash.get('code') ?? undefined, hash.get('invitation') ?? undefined]
  // What decides who may come in; until it is known the form is as on a server that takes everybody.
  const doors = useInstance()
  const isLocked = !ownerCode && !invitation && (doors?.signUp === 'closed' || doors?.signUp === 'invitation')
  if (isLocked) {
    const which = doors.signUp === 'closed' ? 'closed' : 'invited'
    return (
      <AuthPage title={w(`${which}.title`)} lead={w(`${which}.text`)}>
        <p class="auth-other">
          <a class="text-link" href="/signin">
            {t('auth.toSignIn.link')}
          </a>
        </p>
      </AuthPage>
    )
  }
  const needsApproval = !invitation && doors?.signUp === 'approval'
  return (
    <AuthPage
      title={ownerCode ? t('auth.owner.title') : titleAt(doors?.name)}
      lead={ownerCode ? t('auth.owner.text') : needsApproval ? w('approval.lead') : t('auth.tagline')}
    >
      <SignUpForm
        codes={{ ...(ownerCode && { ownerCode }), ...(invitation && { invitation }) }}
        minimumAge={ownerCode ? 0 : (doors?.minimumAge ?? 0)}
        onDone={(how) => navigate(how === 'in' ? next : '/waiting', { replace: true })}
      >
        {doors && !ownerCode ? <WhatHolds rules={doors.rules} hasTerms={doors.terms !== ''} /> : null}
      </SignUpForm>
      <p class="auth-other">
        {t('auth.toSignIn')}{' '}
        <a class="text-link" href={next === '/' ? '/signin' : `/signin?next=${encodeURIComponent(next)}`}>
          {t('auth.toSignIn.link')}
        </a>
      </p>
    </AuthPage>
  )
}

/** Read before one joins, and not looked for afterwards. */
function WhatHolds({ rules, hasTerms }: { rules: readonly string[]; hasTerms: boolean }) {
  if (rules.length === 0 && !hasTerms) return null
  return (
    <section class="auth-rules">
      {rules.length > 0 ? <h2>{w('rules')}</h2> : null}
      <ol>
        {rules.map((rule) => (
          <li key={rule}>
            <bdi>{rule}</bdi>
          </li>
        ))}
      </ol>
      <p class="field-note">{w(rules.length > 0 ? 'rules.agree' : 'terms.agree')}</p>
      {hasTerms ? (
        <a class="text-link" href="/about" target="_blank" rel="noopener">
          {w('terms')}
        </a>
      ) : null}
    </section>
  )
}

/** Servers that were given no name of their own are called Heliograph. */
function titleAt(name: string | undefined): string {
  return name && name !== 'Heliograph' ? t('auth.signUp.title.at', { name }) : t('auth.signUp.title')
}

interface SignUpFormProps {
  codes: { ownerCode?: string; invitation?: string }
  /** Years; 0: nobody is asked. */
  minimumAge: number
  onDone: (how: 'in' | 'waits') => void
  /** What stands between the fields and the button. */
  children?: ComponentChildren
}

function SignUpForm({ codes, minimumAge, onDone, children }: SignUpFormProps) {
  const [values, setValues] = useState({ username: '', fullName: '', email: '', password: '', birthDate: '' })
  const [left, setLeft] = useState<Partial<Record<Field, boolean>>>({})
  const [answered, setAnswered] = useState<Errors>({})
  const [problem, setProblem] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  const key = useRef(newIdempotencyKey())
  const form = useRef<HTMLFormElement>(null)

  const wrong = check(values, minimumAge)
  const errorOf = (field: Field) => answered[field] ?? (left[field] ? wrong[field] : undefined)
  const leave = (field: Field) => () =>
    setLeft((before) => ({ ...before, [field]: values[field] !== '' || before[field] }))
  const write = (field: Field) => (value: string) => {
    setValues((before) => ({ ...before, [field]: value }))
    setAnswered((before) => ({ ...before, [field]: undefined }))
    // Another account is another intention: a repeat must not be taken for the first attempt.
    key.current = newIdempotencyKey()
  }

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    setLeft({ username: true, fullName: true, email: true, password: true, birthDate: true })
    if (busy) return
    if (Object.values(wrong).some(Boolean)) return focusFirstError()
    setBusy(true)
    setProblem(undefined)
    const { fullName, password } = values
    const username = normalizeUsername(values.username)
    try {
      const body = { username, password, email: values.email.trim(), fullName: fullName.trim() }
      const birth = minimumAge > 0 && { birthDate: values.birthDate }
      onDone(await signUp({ ...body, ...codes, ...birth }, key.current))
    } catch (error) {
      const field = fieldOf(error)
      if (field) {
        setAnswered({ [field]: problemText(error) })
        focusFirstError()
      } else setProblem(error)
    } finally {
      setBusy(false)
    }
  }

  function focusFirstError(): void {
    setTimeout(() => form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus())
  }

  return (
    <form ref={form} class="auth-form" noValidate onSubmit={(event) => void submit(event)}>
      <TextField
        label={t('auth.username')}
        hint={t('auth.username.hint')}
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        value={values.username}
        onInput={write('username')}
        onBlur={leave('username')}
        error={errorOf('username')}
      />
      <TextField
        label={t('auth.fullName')}
        hint={t('auth.fullName.hint')}
        name="name"
        autoComplete="name"
        autoCapitalize="words"
        max={limits.fullNameLength}
        value={values.fullName}
        onInput={write('fullName')}
        error={errorOf('fullName')}
      />
      <TextField
        label={t('auth.email')}
        hint={t('auth.email.hint')}
        name="email"
        type="email"
        autoComplete="email"
        autoCapitalize="none"
        value={values.email}
        onInput={write('email')}
        onBlur={leave('email')}
        error={errorOf('email')}
      />
      <PasswordField
        label={t('auth.password')}
        hint={t('auth.password.hint')}
        autoComplete="new-password"
        value={values.password}
        onInput={write('password')}
        onBlur={leave('password')}
        error={errorOf('password')}
      />
      {minimumAge > 0 ? (
        <TextField
          label={w('birth.label')}
          hint={w('birth.hint', { age: minimumAge })}
          name="bday"
          type="date"
          autoComplete="bday"
          value={values.birthDate}
          onInput={write('birthDate')}
          onBlur={leave('birthDate')}
          error={errorOf('birthDate')}
        />
      ) : null}
      {children}
      {problem ? (
        <p class="auth-problem" role="alert">
          {authProblem(problem)}
        </p>
      ) : null}
      <Button kind="primary" type="submit" wide busy={busy}>
        {t('auth.signUp')}
      </Button>
    </form>
  )
}

function check(values: Record<Field, string>, minimumAge: number): Errors {
  const errors: Errors = {}
  if (!isWellFormedUsername(normalizeUsername(values.username))) errors.username = t('auth.error.username')
  if (!/^[^\s@]+@[^\s@]+$/.test(values.email.trim())) errors.email = t('auth.error.email')
  if (values.password.length < limits.passwordMin) errors.password = t('auth.error.password')
  if (minimumAge > 0 && !values.birthDate) errors.birthDate = t('auth.error.empty')
  return errors
}

/** The field that an error of the server is about: it is said there. */
function fieldOf(error: unknown): Field | undefined {
  if (!(error instanceof ApiProblem)) return undefined
  if (error.code.startsWith('account.username_')) return 'username'
  if (error.code === 'account.password_weak') return 'password'
  if (error.code === 'account.too_young' || error.code === 'account.birth_date_needed') return 'birthDate'
  const path = error.errors[0]?.path ?? ''
  return (['username', 'fullName', 'email', 'password', 'birthDate'] as const).find((field) =>
    path.endsWith(field),
  )
}
