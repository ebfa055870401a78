import path from 'node:path'
import { after, describe } from 'node:test'
import { pathToFileURL } from 'node:url'
import { root } from '../lib/root.mjs'

/** Test files, one after the other in this process: what they import is loaded, and made quick by V8, once for all of them. */
for (const file of process.argv.slice(2)) {
  await new Promise((resolve) => {
    describe(file, async () => {
      await import(pathToFileURL(path.join(root, file)).href)
      // The last hook of the file: what it opened is closed.
      after(() => resolve(undefined))
    })
  })
}
