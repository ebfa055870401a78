import { problemWords } from './i18n.ts'

export interface MediaFailure {
  code: string
  message: string
  detail?: string | undefined
}

const passing: ReadonlySet<string> = new Set(['media.failed', 'media.timeout', 'media.out_of_memory'])

/** Another try changes nothing about a file; it may about a machine that was busy. */
export function mayPass(code: string): boolean {
  return passing.has(code)
}

/** With what would have been allowed, in numbers, where the server says so. */
export function failureText({ code, message, detail }: MediaFailure): string {
  const text = problemWords.value?.[code] ?? message
  return detail ? `${text} ${detail}` : text
}
