import { useEffect, useRef, useState } from 'preact/hooks'
import { call, isProblem } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { problemText } from '../../lib/problem-text.ts'
import { me, refreshMe, welcome } from '../../lib/session.ts'
import { uploadFile } from '../../lib/upload.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Button } from '../../ui/button.tsx'

const askAgainMs = 1500

/** The picture of oneself: changed at once, apart from the rest of the form. */
export function ProfilePicture() {
  const input = useRef<HTMLInputElement>(null)
  const [progress, setProgress] = useState<number | undefined>(undefined)
  const [problem, setProblem] = useState<unknown>()
  const user = me.value
  const preparing = user?.avatarStatus === 'processing'

  useEffect(() => {
    if (!preparing) return
    const timer = setInterval(() => void refreshMe(), askAgainMs)
    return () => clearInterval(timer)
  }, [preparing])

  async function take(file: File | undefined): Promise<void> {
    if (!file) return
    setProblem(undefined)
    setProgress(0)
    try {
      const uploadId = await uploadFile(file, {
        purpose: 'avatar',
        onProgress: (sent, total) => setProgress(total > 0 ? sent / total : 0),
      })
      welcome(await call('PUT /api/me/avatar', { body: { uploadId } }))
    } catch (error) {
      if (!isProblem(error, 'client.aborted')) setProblem(error)
    } finally {
      setProgress(undefined)
      if (input.current) input.current.value = ''
    }
  }

  async function remove(): Promise<void> {
    setProblem(undefined)
    await call('DELETE /api/me/avatar').then(welcome, setProblem)
  }

  if (!user) return null
  const busy = progress !== undefined || preparing
  return (
    <div class="picture-field">
      <Avatar user={user} size={88} src={user.avatar?.large ?? user.avatarUrl} />
      <div class="picture-buttons">
        <input
          ref={input}
          type="file"
          accept="image/*"
          tabIndex={-1}
          aria-hidden="true"
          onChange={(event) => void take(event.currentTarget.files?.[0])}
        />
        <Button kind="quiet" busy={busy} onClick={() => input.current?.click()}>
          {t('editProfile.picture')}
        </Button>
        {user.avatar ? (
          <Button kind="quiet" disabled={busy} onClick={() => void remove()}>
            {t('editProfile.picture.remove')}
          </Button>
        ) : null}
        <p class="picture-state" role="status">
          {busy ? t('editProfile.picture.working') : null}
          {user.avatarStatus === 'failed' && !busy && !problem ? t('editProfile.picture.failed') : null}
          {problem ? problemText(problem) : null}
        </p>
      </div>
    </div>
  )
}
