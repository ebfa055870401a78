import type { Me } from '@heliograph/contract/accounts'
import type { Interests } from '@heliograph/contract/signals'
import { ChevronRight, Sparkle, SunDim } from 'lucide-preact'
import { useEffect, useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { optimistic } from '../../lib/optimistic.ts'
import { forgetPaginators, refreshPaginators } from '../../lib/paging.ts'
import { me, welcome } from '../../lib/session.ts'
import { forgetSignals } from '../../lib/signals.ts'
import { Button } from '../../ui/button.tsx'
import { confirmAction } from '../../ui/confirm.tsx'
import { Switch } from '../../ui/field.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Notice, ProblemNotice } from '../../ui/notice.tsx'
import { SkeletonPeople } from '../../ui/skeleton.tsx'
import { toast, toastProblem } from '../../ui/toast.tsx'
import { hasLearned, Learned } from './learned.tsx'
import { SettingsShell } from './settings-shell.tsx'
import { w } from './settings-words.ts'

/** Whether the feed is put in order for one, what it has learned, what is kept for that, and an end to all of it. */
export function PersonalisationPage() {
  const user = me.value
  return (
    <SettingsShell title={w('personal.title')} at="/settings/preferences" backTo="/settings/preferences">
      {user ? (
        <div class="settings">
          <section class="settings-section">
            <Switch
              label={w('personal.switch')}
              hint={w('personal.switch.hint')}
              checked={user.personalisation}
              onChange={(wanted) => void choose(user, wanted)}
            />
          </section>
          {user.personalisation ? (
            <Known />
          ) : (
            <Notice icon={SunDim} title={w('personal.nothing.title')}>
              {w('personal.nothing.text')}
            </Notice>
          )}
        </div>
      ) : null}
    </SettingsShell>
  )
}

async function choose(user: Me, personalisation: boolean): Promise<void> {
  if (!personalisation) {
    const sure = await confirmAction({
      title: w('personal.off.title'),
      text: w('personal.off.text'),
      action: w('personal.off'),
      danger: true,
    })
    if (!sure) {
      // The switch has moved already under the finger.
      me.value = { ...user }
      return
    }
  }
  const done = await optimistic({
    apply: () => {
      me.value = { ...user, personalisation }
    },
    call: () => call('PATCH /api/me', { body: { personalisation } }),
    settle: welcome,
    revert: () => {
      me.value = user
    },
    failed: toastProblem,
  })
  if (!done) return
  if (!personalisation) toast(w('personal.off.done'))
  forgetPaginators('kept')
  refreshPaginators('feed:ranked')
}

function Known() {
  const [interests, setInterests] = useState<Interests | undefined>(undefined)
  const [isKept, setKept] = useState(false)
  const [problem, setProblem] = useState<unknown>()

  async function read(): Promise<void> {
    setProblem(undefined)
    try {
      const [learned, { items }] = await Promise.all([
        call('GET /api/me/interests'),
        call('GET /api/me/signals', { query: { limit: 1 } }),
      ])
      setInterests(learned)
      setKept(items.length > 0 || hasLearned(learned) || learned.usualSessionSeconds !== null)
    } catch (error) {
      setProblem(error)
    }
  }
  useEffect(() => void read(), [])

  async function erase(): Promise<void> {
    const sure = await confirmAction({
      title: w('personal.erase.title'),
      text: w('personal.erase.text'),
      action: w('personal.erase'),
      danger: true,
    })
    if (!sure) return
    try {
      await forgetSignals()
      await call('DELETE /api/me/signals')
      forgetPaginators('kept')
      refreshPaginators('feed:ranked')
      toast(w('personal.erase.done'))
      await read()
    } catch (error) {
      toastProblem(error)
    }
  }

  return (
    <>
      {problem ? <ProblemNotice error={problem} onRetry={() => void read()} /> : null}
      {interests || problem ? null : <SkeletonPeople rows={3} />}
      {interests && hasLearned(interests) ? <Learned interests={interests} /> : null}
      {interests && !hasLearned(interests) ? (
        <Notice icon={Sparkle} title={w('personal.early.title')}>
          {w('personal.early.text')}
        </Notice>
      ) : null}
      <section class="settings-section">
        <h2>{w('personal.kept')}</h2>
        <a class="settings-row" href="/settings/personalisation/kept">
          <span>
            {w('personal.kept.open')}
            <span class="settings-note">{w('personal.kept.hint')}</span>
          </span>
          <Icon of={ChevronRight} size={20} />
        </a>
      </section>
      {isKept ? (
        <p class="settings-go">
          <Button kind="danger" wide onClick={() => void erase()}>
            {w('personal.erase')}
          </Button>
        </p>
      ) : null}
    </>
  )
}
