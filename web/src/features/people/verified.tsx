import { BadgeCheck } from 'lucide-preact'
import { t } from '../../lib/i18n.ts'
import './verified.css'

/** Beside a name, wherever it stands as that of an account. */
export function Verified({ user }: { user: { isVerified: boolean } }) {
  if (!user.isVerified) return null
  return (
    <span class="verified" role="img" aria-label={t('profile.verified')} title={t('profile.verified')}>
      <BadgeCheck size={16} strokeWidth={2} aria-hidden="true" />
    </span>
  )
}
