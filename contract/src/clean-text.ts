/** What turns the direction of text by force: it would write a name backwards, and what stands behind it. */
const overrides = /[\u202a-\u202e\u2066-\u2069]/g

/** One line: with line breaks in it a name would stretch every list that it stands in. */
export function cleanLine(text: string): string {
  return text
    .normalize('NFC')
    .replace(overrides, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
}

/** Lines as they were written. */
export function cleanLines(text: string): string {
  return text
    .normalize('NFC')
    .replace(overrides, '')
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n]/gu, '')
    .trim()
}

/**
 * As it was written, without what is no text: characters that steer terminals and printers, and what writes by force in the other
 * direction, which would also turn what an app shows beside it. NUL stays: it is no slip of a person's, and is refused.
 */
export function withoutControls(text: string): string {
  return text
    .replace(overrides, '')
    .replace(/\r\n?|[\v\f\u0085\u2028\u2029]/g, '\n')
    .replace(/[^\P{Cc}\0\t\n]/gu, '')
}
