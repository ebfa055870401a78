import type { Me } from '@heliograph/contract/accounts'
import { limits } from '@heliograph/contract/limits'
import { codePointLength } from '@heliograph/contract/text'
import { isWellFormedUsername, normalizeUsername } from '@heliograph/contract/usernames'
import { useState } from 'preact/hooks'
import { ApiProblem, call } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { navigate, place } from '../../lib/navigation.ts'
import { problemText } from '../../lib/problem-text.ts'
import { welcome } from '../../lib/session.ts'
import { Button } from '../../ui/button.tsx'
import { confirmAction } from '../../ui/confirm.tsx'
import { TextArea, TextField } from '../../ui/field.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { toast } from '../../ui/toast.tsx'
import { ProfilePicture } from './profile-picture.tsx'

type Draft = Pick<Me, 'username' | 'fullName' | 'bio'>

export function EditProfileSheet({ user, onClose }: { user: Me; onClose: () => void }) {
  const [draft, setDraft] = useState<Draft>({
    username: user.username,
    fullName: user.fullName,
    bio: user.bio,
  })
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>()
  const set =
    <K extends keyof Draft>(name: K) =>
    (value: Draft[K]) => {
      setDraft((before) => ({ ...before, [name]: value }))
      setProblem(undefined)
    }

  const patch = changes(user, draft)
  const changed = Object.keys(patch).length > 0
  const nameProblem = problem instanceof ApiProblem && problem.code.startsWith('account.username_')
  const usernameError = isWellFormedUsername(normalizeUsername(draft.username))
    ? nameProblem
      ? problemText(problem)
      : undefined
    : t('auth.error.username')
  const fits =
    codePointLength(draft.bio) <= limits.bioLength && codePointLength(draft.fullName) <= limits.fullNameLength

  async function save(): Promise<void> {
    if (!changed) return onClose()
    if (!(await mayLoseMark())) return
    setBusy(true)
    try {
      const saved = await call('PATCH /api/me', { body: patch })
      welcome(saved)
      toast(t('editProfile.saved'))
      onClose()
      if (saved.username !== user.username && place.value.path === `/${user.username}`) {
        navigate(`/${saved.username}`, { replace: true })
      }
    } catch (error) {
      setProblem(error)
      setBusy(false)
    }
  }

  async function mayLoseMark(): Promise<boolean> {
    if (!user.isVerified || (patch.username === undefined && patch.fullName === undefined)) return true
    return confirmAction({
      title: t('editProfile.mark.title'),
      text: t('editProfile.mark.text'),
      action: t('editProfile.mark'),
      danger: true,
    })
  }

  return (
    <Sheet
      title={t('editProfile.title')}
      tall
      onClose={onClose}
      mayClose={() =>
        !changed || confirmAction({ title: t('edit.discard.title'), action: t('edit.discard'), danger: true })
      }
      action={
        <Button
          kind="quiet"
          busy={busy}
          disabled={!fits || Boolean(usernameError)}
          onClick={() => void save()}
        >
          {t('ui.save')}
        </Button>
      }
    >
      <div class="sheet-form">
        {problem && !nameProblem ? (
          <p class="field-error" role="alert">
            {problemText(problem)}
          </p>
        ) : null}
        <ProfilePicture />
        <TextField
          label={t('editProfile.name')}
          autoComplete="name"
          autoCapitalize="words"
          max={limits.fullNameLength}
          value={draft.fullName}
          onInput={set('fullName')}
        />
        <TextField
          label={t('editProfile.username')}
          hint={t('editProfile.username.hint')}
          error={usernameError}
          autoComplete="username"
          autoCapitalize="none"
          value={draft.username}
          onInput={set('username')}
        />
        <TextArea
          label={t('editProfile.bio')}
          max={limits.bioLength}
          value={draft.bio}
          onInput={set('bio')}
        />
      </div>
    </Sheet>
  )
}

function changes(user: Me, draft: Draft): Partial<Draft> {
  const username = normalizeUsername(draft.username)
  return {
    ...(username === user.username ? {} : { username }),
    ...(draft.fullName.trim() === user.fullName ? {} : { fullName: draft.fullName.trim() }),
    ...(draft.bio === user.bio ? {} : { bio: draft.bio }),
  }
}
