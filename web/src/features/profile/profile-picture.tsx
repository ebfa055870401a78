import { useEffect, useRef, useState } from 'preact/hooks'
import { call, isProblem } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { problemText } from '../../lib/problem-text.ts'
import { me, refreshMe, welcome } from '../../lib/session.ts'
import { uploadFile } from '../../lib/upload.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Button } from '../../ui/button.tsx'
import { Lazy } from '../../ui/lazy.tsx'
import { loadSquareCrop } from '../share/load-square-crop.ts'

const askAgainMs = 1500

/** The picture of oneself: changed at once, apart from the rest of the form. */
export function ProfilePicture() {
  const input = useRef<HTMLInputElement>(null)
  const [progress, setProgress] = useState<number | undefined>(undefined)
  const [problem, setProblem] = useState<unknown>()
  const [chosen, setChosen] = useState<File | undefined>(undefined)
  const user = me.value
  const preparing = user?.avatarStatus === 'processing'

  useEffect(() => {
    if (!preparing) return
    const timer = setInterval(() => void refreshMe(), askAgainMs)
    return () => clearInterval(timer)
  }, [preparing])

  async function take(file: Blob): Promise<void> {
    setChosen(undefined)
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
          onChange={(event) => {
            setChosen(event.currentTarget.files?.[0])
            event.currentTarget.value = ''
          }}
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
      {chosen ? (
        <Lazy
          load={loadSquareCrop}
          props={{
            file: chosen,
            title: t('editProfile.picture'),
            onDone: (picture: Blob) => void take(picture),
            onCancel: () => setChosen(undefined),
          }}
          onFailed={() => void take(chosen)}
        />
      ) : null}
    </div>
  )
}
