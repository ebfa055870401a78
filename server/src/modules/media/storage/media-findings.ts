/** Something that a look at the store found, however often: counted, and shown by its first examples. */
export interface Finding {
  count: number
  bytes: number
  examples: string[]
}

export const mostExamples = 20

export function noFinding(): Finding {
  return { count: 0, bytes: 0, examples: [] }
}

export function note(finding: Finding, key: string, bytes = 0): void {
  finding.count += 1
  finding.bytes += bytes
  if (finding.examples.length < mostExamples) finding.examples.push(key)
}
