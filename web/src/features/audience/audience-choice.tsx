import type { Audience } from '@heliograph/contract/common'
import { useId } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { me } from '../../lib/session.ts'
import './audience-choice.css'

interface AudienceChoiceProps {
  value: Audience
  /** What is offered; all of it unless said. */
  of?: readonly Audience[]
  /** Where one can leave for a moment: what is written is kept. */
  mayLeave?: boolean
  onChange: (audience: Audience) => void
}

export const audiences: readonly Audience[] = ['public', 'followers', 'close_friends']

/** For whom a post is, with what each answer means in one sentence. */
export function AudienceChoice({ value, of = audiences, mayLeave, onChange }: AudienceChoiceProps) {
  const group = useId()
  return (
    <fieldset class="audience">
      <legend>{t('audience')}</legend>
      {of.map((one) => (
        <label key={one} class="audience-option">
          <input type="radio" name={group} checked={one === value} onChange={() => onChange(one)} />
          <span>
            {t(`audience.${one}`)}
            <span class="field-note">{meaningOf(one)}</span>
          </span>
        </label>
      ))}
      {mayLeave && value === 'close_friends' ? (
        <a class="text-link" href="/settings/close-friends">
          {t('audience.close_friends.list')}
        </a>
      ) : null}
    </fieldset>
  )
}

function meaningOf(audience: Audience): string {
  const isPrivate = me.value?.isPrivate === true
  if (!isPrivate) return t(`audience.${audience}.hint`)
  return t(audience === 'followers' ? 'audience.followers.hint' : `audience.${audience}.private`)
}
