import { isProblem } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { problemText } from '../../lib/problem-text.ts'

/** Where a wait is asked for, how long it is. */
export function authProblem(error: unknown): string {
  if (isProblem(error, 'rate.limited') && error.retryAfter) {
    return t('auth.error.wait', { seconds: error.retryAfter })
  }
  return problemText(error)
}
