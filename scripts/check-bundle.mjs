import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { findNode } from './lib/packaged-node.mjs'
import { root } from './lib/root.mjs'
import { ensureWebBuilt } from './lib/web-build.mjs'

/** What a telephone on a slow line has to download, gzipped. */
const BUDGET_KB = { firstRoute: 60, lazyRoute: 40, css: 15 }

/**
 * Libraries that no route needs: each comes for one act, or for browsers that lack something, and never ahead of it.
 *
 * @type {Record<string, number>}
 */
const ON_DEMAND_KB = {
  // Plays a stream where the browser cannot read the playlist itself (Firefox, Chromium before 142).
  'hls.js/dist/hls.light.mjs': 125,
}

const dist = path.join(root, 'web', 'dist')
await ensureWebBuilt({ node: findNode(), log: (line) => console.log(line) })

const rows = existsSync(manifestFile()) ? fromManifest() : []
const faults = rows.filter(({ kb, limit }) => kb > limit)
for (const { what, kb, limit } of rows) {
  const mark = kb > limit ? '✖' : ' '
  console.log(`${mark} ${kb.toFixed(1).padStart(6)} kB of ${String(limit).padStart(3)}  ${what}`)
}
if (rows.length === 0) console.error('The build has no manifest: set build.manifest in web/vite.config.ts')
process.exitCode = faults.length > 0 || rows.length === 0 ? 1 : 0

function manifestFile() {
  return path.join(dist, '.vite', 'manifest.json')
}

/**
 * @typedef {{ file: string, isEntry?: boolean, isDynamicEntry?: boolean, src?: string, imports?: string[] }} Chunk
 * @returns {{ what: string, kb: number, limit: number }[]}
 */
function fromManifest() {
  /** @type {Record<string, Chunk>} */
  const manifest = JSON.parse(readFileSync(manifestFile(), 'utf8'))
  const entries = Object.keys(manifest).filter((key) => manifest[key]?.isEntry)
  const first = closure(manifest, entries)
  const lazy = Object.keys(manifest)
    .filter((key) => manifest[key]?.isDynamicEntry)
    .map((key) => ({
      what: `${onDemandLimit(key) ? 'on demand' : 'route'} ${manifest[key]?.src ?? key}`,
      kb: sizeOf(
        manifest,
        [...closure(manifest, [key])].filter((part) => !first.has(part)),
      ),
      limit: onDemandLimit(key) ?? BUDGET_KB.lazyRoute,
    }))
    .sort((one, other) => other.kb - one.kb)
  return [
    {
      what: 'first route: the entry and what it imports',
      kb: sizeOf(manifest, [...first]),
      limit: BUDGET_KB.firstRoute,
    },
    ...lazy,
    ...stylesOfPages(),
  ]
}

/** @param {string} key */
function onDemandLimit(key) {
  return Object.entries(ON_DEMAND_KB).find(([file]) => key.endsWith(file))?.[1]
}

/**
 * @param {Record<string, Chunk>} manifest
 * @param {string[]} from
 */
function closure(manifest, from) {
  const found = new Set(from)
  for (const key of found) for (const next of manifest[key]?.imports ?? []) found.add(next)
  return found
}

/**
 * The sheet that every page has, alone and with each that a feature loads beside its code. Whatever the manifest says of
 * them: one that slips past it would be downloaded all the same.
 */
function stylesOfPages() {
  const all = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.css'))
  const own = all.filter((file) => !/\bstyle-[^/]+\.css$/.test(file))
  const shared = sum(all.filter((file) => !own.includes(file)))
  return [
    { what: 'style sheet of every page', kb: shared, limit: BUDGET_KB.css },
    ...own.map((file) => ({
      what: `style sheet of every page, and ${path.basename(file)}`,
      kb: shared + sum([file]),
      limit: BUDGET_KB.css,
    })),
  ]
}

/**
 * @param {Record<string, Chunk>} manifest
 * @param {string[]} keys
 */
function sizeOf(manifest, keys) {
  const files = keys.flatMap((key) => manifest[key]?.file ?? []).filter((file) => /\.m?js$/.test(file))
  return sum([...new Set(files)])
}

/** @param {string[]} files relative to dist */
function sum(files) {
  const bytes = files.map((file) => gzipSync(readFileSync(path.join(dist, file)), { level: 9 }).length)
  return bytes.reduce((total, size) => total + size, 0) / 1000
}
