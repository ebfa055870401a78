import { t } from '../../lib/i18n.ts'
import { navigate, place } from '../../lib/navigation.ts'
import { AuthPage } from './auth-page.tsx'
import { safeNext } from './safe-next.ts'
import { SignInForm } from './sign-in-form.tsx'

export function SignInPage() {
  const next = safeNext(place.value.query)
  return (
    <AuthPage title={t('auth.signIn.title')} lead={next === '/' ? undefined : t('auth.needed')}>
      <SignInForm onDone={() => navigate(next, { replace: true })} />
      <p class="auth-other">
        <a class="text-link" href="/forgot">
          {t('auth.forgot')}
        </a>
      </p>
      <p class="auth-other">
        {t('auth.toSignUp')}{' '}
        <a class="text-link" href={next === '/' ? '/signup' : `/signup?next=${encodeURIComponent(next)}`}>
          {t('auth.toSignUp.link')}
        </a>
      </p>
    </AuthPage>
  )
}
