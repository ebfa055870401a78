import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { lintSql } from '../server/src/platform/db/migration-linter.ts'

// Every committed .sql file: migrations, and queries wherever they are kept.

const root = fileURLToPath(new URL('..', import.meta.url))
const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z', '*.sql'], {
  cwd: root,
  encoding: 'utf8',
})
const files = listed
  .split('\0')
  .filter((file) => file !== '' && existsSync(path.join(root, file)))
  .sort()
  .map((file) => ({
    path: file,
    text: readFileSync(path.join(root, file), 'utf8'),
    kind: file.startsWith('server/migrations/')
      ? /** @type {const} */ ('migration')
      : /** @type {const} */ ('query'),
  }))

const findings = await lintSql(files)
for (const { path: file, line, rule, sentence } of findings)
  console.error(`${file}:${line} ${rule}: ${sentence}`)
if (findings.length > 0) process.exitCode = 1
else console.log(`${files.length} SQL files keep the rules of docs/adr/0003.`)
