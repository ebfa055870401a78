import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './lib/root.mjs'

/** Every link between our documents has to lead somewhere: to a file, and to a heading when it names one. */
const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\0')
  .filter((file) => file && existsSync(path.join(root, file)))

const broken = files.flatMap((file) => [
  ...brokenLinks(file),
  ...(file.startsWith('docs/security/') ? wrongProofs(file) : []),
])
for (const line of broken) console.error(line)
console.log(`${files.length} documents, ${broken.length} broken links`)
process.exitCode = broken.length > 0 ? 1 : 0

/** @param {string} file */
function brokenLinks(file) {
  return links(withoutCode(readFileSync(path.join(root, file), 'utf8'))).flatMap(({ target, line }) => {
    if (/^[a-z][a-z+.-]*:/i.test(target) || target.startsWith('//')) return []
    const [place = '', heading] = target.split('#')
    const meant = place ? path.join(path.dirname(file), decodeURIComponent(place)) : file
    if (!existsSync(path.join(root, meant))) return [`${file}:${line} links to ${target}, which is not there`]
    if (!heading || !meant.endsWith('.md')) return []
    const known = headings(readFileSync(path.join(root, meant), 'utf8'))
    return known.has(heading.toLowerCase()) ? [] : [`${file}:${line} links to ${target}: no such heading`]
  })
}

/**
 * What is said to be met names its place and its test: each path is there, and each name in “ ” behind a path is in that file.
 *
 * @param {string} file
 */
function wrongProofs(file) {
  return readFileSync(path.join(root, file), 'utf8')
    .split('\n')
    .flatMap((text, index) => proofsOf(text).map((wrong) => `${file}:${index + 1} ${wrong}`))
}

/** @param {string} text */
function proofsOf(text) {
  const parts = text.matchAll(/`([\w.-]+(?:\/[\w.-]+)+)`|“([^”]+)”/g)
  let named = ''
  return [...parts].flatMap(([, place, name = '']) => {
    if (place !== undefined) {
      named = place
      return existsSync(path.join(root, place)) ? [] : [`names ${place}, which is not there`]
    }
    const isThere =
      existsSync(path.join(root, named)) && readFileSync(path.join(root, named), 'utf8').includes(name)
    return isThere ? [] : [`“${name}” is not in ${named}`]
  })
}

/** Code keeps its lines, so that numbers stay right, but none of its text. @param {string} text */
function withoutCode(text) {
  const blank = (/** @type {string} */ code) => code.replace(/[^\n]/g, ' ')
  return text.replace(/^(```|~~~)[\s\S]*?^\1/gm, blank).replace(/`[^`\n]*`/g, blank)
}

/** @param {string} text */
function links(text) {
  const patterns = [
    /\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g,
    /^\[[^\]]+\]:\s*(\S+)/gm,
    /<(?:img|a)\b[^>]*?\b(?:src|href)="([^"]+)"/g,
  ]
  return patterns.flatMap((pattern) =>
    [...text.matchAll(pattern)].map((match) => ({
      target: /** @type {string} */ (match[1]),
      line: text.slice(0, match.index).split('\n').length,
    })),
  )
}

/** Anchors as GitHub makes them. @param {string} text */
function headings(text) {
  const anchors = new Set()
  for (const [, title = ''] of text.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
    const anchor = title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-')
    let unique = anchor
    for (let n = 1; anchors.has(unique); n++) unique = `${anchor}-${n}`
    anchors.add(unique)
  }
  return anchors
}
