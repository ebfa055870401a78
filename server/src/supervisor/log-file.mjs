import { closeSync, copyFileSync, fstatSync, openSync, readSync, statSync, truncateSync } from 'node:fs'

const MAX_BYTES = 8 * 1024 * 1024
const CHECK_EVERY_MS = 60_000

/**
 * A program appends to one file; the supervisor keeps it and its predecessor under 16 MB together. Copy-and-empty rather
 * than rename: PostgreSQL keeps its descriptor through every restart of ours.
 *
 * @param {string} file
 */
export function boundLog(file) {
  const check = () => {
    try {
      if (statSync(file).size < MAX_BYTES) return
      copyFileSync(file, `${file}.1`)
      truncateSync(file)
    } catch {
      // A full disk or a vanished file: the log is the last thing to stop the server for.
    }
  }
  check()
  const timer = setInterval(check, CHECK_EVERY_MS)
  timer.unref()
  return () => clearInterval(timer)
}

/**
 * @param {string} file
 * @param {number} from
 */
export function readLogFrom(file, from) {
  try {
    const fd = openSync(file, 'r')
    try {
      const size = fstatSync(fd).size
      const start = Math.max(from <= size ? from : 0, size - 16_384)
      const bytes = Buffer.alloc(size - start)
      readSync(fd, bytes, 0, bytes.length, start)
      return bytes.toString('utf8')
    } finally {
      closeSync(fd)
    }
  } catch {
    return ''
  }
}

/** @param {string} file */
export function logSize(file) {
  try {
    return statSync(file).size
  } catch {
    return 0
  }
}

/**
 * The server's own words for why it ended, as one line.
 *
 * @param {string} text
 */
export function lastFatal(text) {
  const lines = text.split('\n').filter((line) => /\b(FATAL|PANIC|ERROR|error|could not)\b/.test(line))
  return (lines.at(-1) ?? text.trim().split('\n').at(-1) ?? '')
    .replace(/^.*?\b(FATAL|PANIC|ERROR):\s*/, '')
    .trim()
}
