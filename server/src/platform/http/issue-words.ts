import type { z } from 'zod'

/** What is wrong with a field, in one voice: “must …”. What a schema says itself is said already like that. */
export function issueWords(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined && issue.message.endsWith('undefined')
        ? 'is needed'
        : `must be ${article(issue.expected)}`
    case 'too_small':
      return `must ${amount(issue.origin)} at least ${issue.minimum}${unit(issue.origin, issue.minimum)}`
    case 'too_big':
      // Lengths in UTF-16 units stand for ones in letters, and say those.
      if (issue.message.startsWith('must')) return issue.message
      return `must ${amount(issue.origin)} at most ${issue.maximum}${unit(issue.origin, issue.maximum)}`
    case 'invalid_value':
      return `must be one of: ${issue.values.map(String).join(', ')}`
    case 'invalid_format':
      return issue.message.startsWith('must') ? issue.message : `must be ${article(issue.format)}`
    case 'invalid_union':
      if (issue.message.startsWith('must')) return issue.message
      return 'options' in issue && issue.options?.length
        ? `must be one of: ${issue.options.map(String).join(', ')}`
        : 'must have one of the known forms'
    default:
      return issue.message
  }
}

const names: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  datetime: 'a time of ISO 8601',
}

function article(what: string): string {
  return names[what] ?? what
}

function amount(origin: string): string {
  return origin === 'string' || origin === 'array' ? 'have' : 'be'
}

function unit(origin: string, count: number | bigint): string {
  const one = Number(count) === 1
  if (origin === 'string') return one ? ' character' : ' characters'
  if (origin === 'array') return one ? ' item' : ' items'
  return ''
}
