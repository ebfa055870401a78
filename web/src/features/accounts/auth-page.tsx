import type { ComponentChildren } from 'preact'
import { t } from '../../lib/i18n.ts'
import { useTitle } from '../../shell/page.tsx'
import { Mark } from '../../shell/sun.tsx'
import './accounts.css'

interface AuthPageProps {
  title: string
  lead?: string | undefined
  children: ComponentChildren
}

export function AuthPage({ title, lead, children }: AuthPageProps) {
  useTitle(title)
  return (
    <div class="auth">
      <a class="auth-mark" href="/" aria-label="Heliograph">
        <Mark size={56} />
      </a>
      <h1 tabIndex={-1}>{title}</h1>
      {lead ? <p class="auth-lead">{lead}</p> : null}
      {children}
      <p class="auth-other">
        <a class="text-link" href="/about">
          {t('nav.about')}
        </a>
      </p>
    </div>
  )
}
