import { t } from '../../lib/i18n.ts'
import { navigate } from '../../lib/navigation.ts'
import { AuthPage } from '../accounts/auth-page.tsx'
import { SignInForm } from '../accounts/sign-in-form.tsx'
import { useInstance } from '../accounts/use-instance.ts'

/** What a visitor finds at the door. */
export function Landing() {
  const name = useInstance()?.name ?? 'Heliograph'
  return (
    <AuthPage title={name} lead={t('auth.tagline')}>
      <SignInForm onDone={() => navigate('/', { replace: true })} />
      <p class="auth-other">
        {t('auth.toSignUp')}{' '}
        <a class="text-link" href="/signup">
          {t('auth.toSignUp.link')}
        </a>
      </p>
    </AuthPage>
  )
}
