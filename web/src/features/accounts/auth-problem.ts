import { ApiProblem, isProblem } from '../../lib/api.ts'
import { dateLocale, t } from '../../lib/i18n.ts'
import { problemText } from '../../lib/problem-text.ts'
import { fullTime } from '../../lib/time.ts'

/** Where a wait is asked for, how long it is. */
export function authProblem(error: unknown): string {
  if (isProblem(error, 'rate.limited') && error.retryAfter) {
    return t('auth.error.wait', { seconds: error.retryAfter })
  }
  if (isProblem(error, 'account.suspended') && error.document.suspension) {
    const { reason, until } = error.document.suspension
    const state = until
      ? t('auth.suspended.until', { when: fullTime(until, dateLocale()) })
      : problemText(error)
    return reason ? `${state} ${t('auth.suspended.reason', { reason })}` : state
  }
  return problemText(error)
}

/** What has not even the form of a code is a wrong one to whoever mistyped it. */
export function ofCode(error: unknown): unknown {
  return isProblem(error, 'request.invalid') ? new ApiProblem('auth.second_factor_wrong', 401) : error
}
