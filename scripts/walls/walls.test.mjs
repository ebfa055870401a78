import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { findFileCycles, findModuleCycles } from './cycles.mjs'
import { readSources } from './read-imports.mjs'
import { findBreaches } from './rules.mjs'

/**
 * What the walls say about a small house.
 *
 * @param {Record<string, string>} files
 */
function check(files) {
  const root = mkdtempSync(path.join(os.tmpdir(), 'heliograph-walls-'))
  try {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(root, file)), { recursive: true })
      writeFileSync(path.join(root, file), text)
    }
    const sources = readSources(root, ['contract/src', 'server/src', 'web/src'])
    return [...findBreaches(sources), ...findFileCycles(sources), ...findModuleCycles(sources)]
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** @type {[string, Record<string, string>, RegExp][]} */
const broken = [
  [
    'contract with Node',
    { 'contract/src/a.ts': "import fs from 'node:fs'" },
    /a\.ts:1 imports node:fs: the contract/,
  ],
  [
    'platform with a module',
    { 'server/src/platform/a.ts': "\nimport type { P } from '#modules/posts'" },
    /a\.ts:2 .*platform/,
  ],
  [
    'around a front door',
    {
      'server/src/modules/a/a.ts': "import { b } from '../b/b.ts'",
      'server/src/modules/b/b.ts': 'export const b = 1',
    },
    /front door/,
  ],
  [
    'around a front door with import()',
    {
      'server/src/modules/a/a.ts': "await import('../b/b.ts')",
      'server/src/modules/b/b.ts': 'export const b = 1',
    },
    /front door/,
  ],
  [
    'what few servers use, in what all of them read',
    {
      'server/src/main.ts': "import './app.ts'",
      'server/src/app.ts': "import { a } from './platform/a.ts'",
      'server/src/platform/a.ts': "import { S3Client } from '@aws-sdk/client-s3'\nexport const a = S3Client",
    },
    /a\.ts:1 imports @aws-sdk\/client-s3: few servers/,
  ],
  [
    'server in the web app',
    { 'web/src/a.tsx': "import '../../server/src/x.ts'", 'server/src/x.ts': '' },
    /web app/,
  ],
  [
    'zod in the web app, by a detour',
    {
      'contract/src/base.ts': "import { z } from 'zod'\nexport const id = z.string()",
      'contract/src/posts.ts': "export { id } from './base.ts'",
      'web/src/a.ts': "import { id } from '@heliograph/contract/posts'",
    },
    /zod stays out/,
  ],
  ['environment', { 'server/src/platform/a.ts': 'const p = process.env.PORT' }, /a\.ts:1 reads process\.env/],
  ['environment in brackets', { 'server/src/app.ts': "const p = process['env'].PORT" }, /reads process\.env/],
  [
    'a circle of modules, though only of types',
    {
      'server/src/modules/a/index.ts': 'export type A = 1',
      'server/src/modules/a/use.ts': "import type { B } from '#modules/b'",
      'server/src/modules/b/index.ts': 'export type B = 1',
      'server/src/modules/b/use.ts': "import type { A } from '#modules/a'",
    },
    /modules in a circle: a → b → a/,
  ],
  [
    'a circle of files',
    {
      'web/src/a.ts': "import './b.ts'",
      'web/src/b.ts': "import './c.ts'",
      'web/src/c.ts': "import './a.ts'",
    },
    /files in a circle: web\/src\/a\.ts → web\/src\/b\.ts → web\/src\/c\.ts → web\/src\/a\.ts/,
  ],
  [
    'a circle of files, though only of types',
    {
      'server/src/platform/a.ts': "import { b } from './b.ts'\nexport type A = typeof b",
      'server/src/platform/b.ts': "import type { A } from './a.ts'\nexport const b: A | 1 = 1",
    },
    /files in a circle: server\/src\/platform\/a\.ts → server\/src\/platform\/b\.ts/,
  ],
]

for (const [what, files, expected] of broken) {
  test(`refused: ${what}`, () => {
    const found = check(files)
    assert.equal(found.length, 1, found.join('\n'))
    assert.match(/** @type {string} */ (found[0]), expected)
  })
}

test('a house in order is left alone', () => {
  const found = check({
    'contract/src/base.ts': "import { z } from 'zod'\nexport const id = z.string()\nexport type Id = string",
    'contract/src/text.ts': 'export const limit = 1',
    'server/src/config/env.ts': 'export const env = process.env',
    'server/src/main.ts': "import type { R } from 'ioredis'\nawait import('./platform/s3.ts')",
    'server/src/platform/s3.ts': "import '@aws-sdk/client-s3'",
    'server/src/platform/a.ts': "// import '#modules/a'\nexport const text = `import '#modules/a'`",
    'server/src/modules/a/index.ts': "import '#modules/b'\nimport './own.ts'\nimport '#platform/a.ts'",
    'server/src/modules/a/own.ts': "import type { B } from '#modules/b'",
    'server/src/modules/b/index.ts': "import '@heliograph/contract/base'",
    'web/src/a.tsx':
      "import type { Id } from '@heliograph/contract/base'\nimport { limit } from '@heliograph/contract/text'",
  })
  assert.deepEqual(found, [])
})
