import { ApiProblem } from './api.ts'
import { problemWords, t } from './i18n.ts'

/** What to tell the person about an error, in their language. */
export function problemText(error: unknown): string {
  if (!(error instanceof ApiProblem)) return t('problem.unknown')
  switch (error.code) {
    case 'client.offline':
      return t('problem.offline')
    case 'client.timeout':
      return t('problem.timeout')
    case 'client.file_gone':
      return t('problem.fileGone')
    case 'client.passkey_known':
      return t('problem.passkeyKnown')
    case 'client.aborted':
      return ''
    default:
      return problemWords.value?.[error.code] ?? error.message
  }
}
