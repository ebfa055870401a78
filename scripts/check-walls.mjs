import { root } from './lib/root.mjs'
import { findFileCycles, findModuleCycles } from './walls/cycles.mjs'
import { readSources } from './walls/read-imports.mjs'
import { findBreaches } from './walls/rules.mjs'

const sources = readSources(root, [
  'contract/src',
  'client',
  'server/src',
  'web/src',
  'bench',
  'demo',
  'bin',
  'scripts',
])
const breaches = [...findBreaches(sources), ...findFileCycles(sources), ...findModuleCycles(sources)]
for (const line of breaches) console.error(line)
console.log(`${sources.length} files, ${breaches.length} breaches of the walls`)
process.exitCode = breaches.length > 0 ? 1 : 0
