/** WebVTT, read strictly and written anew: times, places and plain text are all that is kept of a stranger's file. */

interface Cue {
  start: number
  end: number
  settings: string
  lines: string[]
}

const mostCues = 10_000
const longestLine = 500

const timing =
  /^(?:(\d{2,4}):)?([0-5]\d):([0-5]\d)\.(\d{3})[ \t]+-->[ \t]+(?:(\d{2,4}):)?([0-5]\d):([0-5]\d)\.(\d{3})(?:[ \t]+(.*))?$/
const knownSetting =
  /^(?:vertical:(?:rl|lr)|line:-?\d{1,3}(?:\.\d{1,3})?%?(?:,(?:start|center|end))?|position:\d{1,3}(?:\.\d{1,3})?%(?:,(?:line-left|center|line-right))?|size:\d{1,3}(?:\.\d{1,3})?%|align:(?:start|center|end|left|right))$/

/** Null: this is no WebVTT, not in UTF-8, or has no cue. Styles, notes, regions, voices and tags are left out. */
export function cleanCaptions(bytes: Uint8Array): string | null {
  const text = decode(bytes)
  if (text === null) return null
  const [header = '', ...blocks] = text.split(/\n{2,}/)
  if (!/^WEBVTT(?:[ \t][^\n]*)?(?:\n|$)/.test(header)) return null
  // A first cue may follow the header's line without an empty one between.
  const cues: Cue[] = []
  for (const block of [header.replace(/^WEBVTT[^\n]*\n?/, ''), ...blocks]) {
    const cue = readCue(block)
    if (cue) cues.push(cue)
    if (cues.length > mostCues) return null
  }
  if (cues.length === 0) return null
  cues.sort((a, b) => a.start - b.start)
  return `WEBVTT\n\n${cues.map(writeCue).join('\n\n')}\n`
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r\n?/g, '\n')
  } catch {
    return null
  }
}

/** The line above the times is only a name. */
function readCue(block: string): Cue | undefined {
  const lines = block.split('\n')
  const at = lines.findIndex((line) => line.includes('-->'))
  if (at < 0 || at > 1) return undefined
  const [, h1 = '0', m1, s1, f1, h2 = '0', m2, s2, f2, settings = ''] = timing.exec(lines[at]!.trim()) ?? []
  if (m1 === undefined) return undefined
  const [start, end] = [milliseconds(h1, m1, s1!, f1!), milliseconds(h2, m2!, s2!, f2!)]
  const text = lines
    .slice(at + 1)
    .map(plainText)
    .filter((line) => line !== '')
  if (end <= start || text.length === 0) return undefined
  const kept = settings.split(/[ \t]+/).filter((setting) => knownSetting.test(setting))
  return { start, end, settings: kept.join(' '), lines: text }
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  nbsp: '\u00a0',
  lrm: '',
  rlm: '',
}

function plainText(line: string): string {
  return line
    .replace(/<[^>]*(?:>|$)/g, '')
    .replace(/&(amp|lt|gt|nbsp|lrm|rlm);/g, (_, name: string) => entities[name]!)
    .replace(/[\p{Cc}\u2028\u2029]/gu, ' ')
    .trim()
    .slice(0, longestLine)
}

function milliseconds(hours: string, minutes: string, seconds: string, fraction: string): number {
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(fraction)
}

function writeCue({ start, end, settings, lines }: Cue): string {
  const times = `${clock(start)} --> ${clock(end)}${settings === '' ? '' : ` ${settings}`}`
  const escaped = lines.map((line) =>
    line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
  )
  return [times, ...escaped].join('\n')
}

function clock(time: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  const [hours, minutes, seconds] = [time / 3_600_000, (time / 60_000) % 60, (time / 1000) % 60]
  return `${two(hours)}:${two(minutes)}:${two(seconds)}.${String(time % 1000).padStart(3, '0')}`
}
