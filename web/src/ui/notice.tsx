import { CloudOff, type LucideIcon, RotateCw } from 'lucide-preact'
import type { ComponentChildren } from 'preact'
import { isProblem } from '../lib/api.ts'
import { t } from '../lib/i18n.ts'
import { problemText } from '../lib/problem-text.ts'
import { Button } from './button.tsx'
import { Icon } from './icon.tsx'
import './notice.css'

interface NoticeProps {
  icon: LucideIcon
  title: string
  children?: ComponentChildren
  /** What to do next. */
  action?: ComponentChildren
}

/** A screen or list that has nothing to show says why, and what to do. */
export function Notice({ icon, title, children, action }: NoticeProps) {
  return (
    <div class="notice">
      <Icon of={icon} size={40} />
      <h2>{title}</h2>
      {children ? <div class="notice-text">{children}</div> : null}
      {action ? <div class="notice-action">{action}</div> : null}
    </div>
  )
}

interface ProblemNoticeProps {
  error: unknown
  /** Says more than the error itself does. */
  text?: string
  onRetry: () => void
}

export function ProblemNotice({ error, text, onRetry }: ProblemNoticeProps) {
  const offline = isProblem(error, 'client.offline', 'client.timeout')
  return (
    <div role="alert">
      <Notice
        icon={offline ? CloudOff : RotateCw}
        title={offline ? t('problem.offline.title') : t('problem.title')}
        action={
          <Button kind="plain" onClick={onRetry}>
            {t('ui.retry')}
          </Button>
        }
      >
        {text ?? problemText(error)}
      </Notice>
    </div>
  )
}
