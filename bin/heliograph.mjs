#!/usr/bin/env node
// Plain JavaScript that any Node from 20 on can read, before a single package is there.
const major = Number(process.versions.node.split('.')[0])
if (major < 20) {
  console.error(
    `Heliograph needs Node 20 or newer to start; this is Node ${process.versions.node}. Get a newer one from https://nodejs.org.`,
  )
  process.exit(1)
}
const { launch } = await import('../server/src/supervisor/launcher.mjs')
await launch(process.argv.slice(2))
