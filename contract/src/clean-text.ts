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
