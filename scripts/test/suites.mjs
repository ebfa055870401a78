import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { findFullChromium } from '../../test-browser/chromium.mjs'
import { root } from '../lib/root.mjs'

/**
 * @typedef {object} Suite
 * @property {'unit' | 'web'} name
 * @property {string[]} folders
 * @property {string[]} first the longest ones, so that none of them is left alone at the end; each in a process of its own
 * @property {string[]} apart what measures its process, reads what the media code forbids to a process, or stands for a whole page in it
 * @property {RegExp} files
 * @property {number} concurrency lanes of its own
 * @property {number} most of its files at once, when lanes of others are through and help
 * @property {number} timeoutMs for a file
 */

/** `server/src/modules`, `server/src/platform`, `web/src/features`. */
const ROOM_DEPTH = 3
const PORTION_BYTES = 40_000

/** @type {Suite[]} */
export const suites = [
  {
    name: 'unit',
    folders: ['contract', 'client', 'server', 'web/src', 'bench', 'demo', 'scripts'],
    first: [
      'server/test/object-store.test.ts',
      'server/test/debian-postgres.test.ts',
      'server/src/supervisor/supervisor.test.ts',
      'server/test/kill-matrix.test.ts',
      'server/src/modules/media/rendering/media-crashes.test.ts',
      'server/test/edge.test.ts',
      'server/src/modules/media/rendering/media-pool.test.ts',
      'server/test/visibility-matrix.test.ts',
      'server/test/several-processes.test.ts',
      'server/test/idor-sweep.test.ts',
      'server/src/modules/media/rendering/media-video-engines.test.ts',
    ],
    apart: [
      'server/test/import-memory.test.ts',
      'server/src/modules/media/rendering/media-fuzz.test.ts',
      'web/src/features/messages/send-queue.test.ts',
      'web/src/features/messages/story-end.test.ts',
      'web/src/lib/api.test.ts',
      'web/src/lib/live.test.ts',
      'web/src/lib/signals.test.ts',
      'web/src/sw/push.test.ts',
    ],
    files: /\.test\.(ts|mjs)$/,
    // More than cores: suites that start servers wait for them, and for the end of what they kill.
    concurrency: 3,
    most: 4,
    timeoutMs: 360_000,
  },
  {
    name: 'web',
    folders: ['web/e2e'],
    first: ['web/e2e/video.e2e.ts', 'web/e2e/feed.e2e.ts', 'web/e2e/filters.e2e.ts'],
    apart: [],
    files: /\.e2e\.ts$/,
    concurrency: 1,
    // A second browser is no more company than three suites of the server.
    most: 2,
    timeoutMs: 420_000,
  },
]

/**
 * What suites need from the machine beyond npm: installed only when asked for (HELIOGRAPH_TEST_APT=1) and only for files that
 * are there. Without it those suites skip by name.
 *
 * @type {{ usedBy: string, packages: string[], isThere: () => boolean }[]}
 */
export const systemPackages = [
  {
    usedBy: 'server/test/debian-postgres.test.ts',
    packages: ['postgresql'],
    isThere: () => findFolder('/usr/lib/postgresql'),
  },
  {
    usedBy: 'server/src/modules/media/rendering/media-video-engines.test.ts',
    packages: ['ffmpeg'],
    isThere: () => existsSync('/usr/bin/ffmpeg') && existsSync('/usr/bin/ffprobe'),
  },
  {
    // apt starts none of their services where CI runs, and the tests run processes of their own.
    usedBy: 'server/test/helpers/swift.ts',
    packages: ['swift-proxy', 'swift-account', 'swift-container', 'swift-object', 'memcached'],
    isThere: () => existsSync('/usr/bin/swift-proxy-server') && existsSync('/usr/bin/memcached'),
  },
  {
    usedBy: 'server/test/helpers/redis.ts',
    packages: ['redis-server'],
    isThere: () => existsSync('/usr/bin/redis-server') && existsSync('/usr/bin/redis-cli'),
  },
  {
    usedBy: 'server/test/edge.test.ts',
    packages: ['nginx-light', 'libnginx-mod-http-js'],
    isThere: () => existsSync('/usr/lib/nginx/modules/ngx_http_js_module.so'),
  },
  {
    // Of what is pushed, the browser that npm brings shows nothing.
    usedBy: 'web/e2e/notifications.e2e.ts',
    packages: ['chromium'],
    isThere: () => findFullChromium() !== undefined,
  },
]

/** @param {string} folder */
function findFolder(folder) {
  try {
    return readdirSync(folder).length > 0
  } catch {
    return false
  }
}

/**
 * @param {Suite} suite
 * @returns {string[]} relative to the checkout
 */
export function filesOf(suite) {
  const all = suite.folders.flatMap((folder) => walk(folder)).filter((file) => suite.files.test(file))
  const first = suite.first.filter((file) => all.includes(file))
  return [...first, ...all.filter((file) => !first.includes(file))]
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function walk(folder) {
  try {
    return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const file = `${folder}/${entry.name}`
      if (entry.name === 'node_modules' || entry.name === 'dist') return []
      return entry.isDirectory() ? walk(file) : [file]
    })
  } catch {
    return []
  }
}

/**
 * Files that share a process: a room's, and few enough that lanes end at about the same time. The largest portions come first,
 * as a file's length says as much about its time as can be known without having run it.
 *
 * @param {Suite} suite
 * @param {string[]} files
 * @returns {string[][]}
 */
export function portionsOf(suite, files) {
  /** @type {{ room: string, size: number, files: string[] }[]} */
  const shared = []
  for (const file of files) {
    if (suite.first.includes(file) || suite.apart.includes(file)) continue
    const room = path.dirname(file).split('/').slice(0, ROOM_DEPTH).join('/')
    const { size } = statSync(path.join(root, file))
    const open = shared.at(-1)
    if (open?.room === room && open.size + size <= PORTION_BYTES) {
      open.files.push(file)
      open.size += size
    } else shared.push({ room, size, files: [file] })
  }
  shared.sort((one, other) => other.size - one.size)
  const alone = (/** @type {string[]} */ some) =>
    files.filter((file) => some.includes(file)).map((file) => [file])
  return [...alone(suite.first), ...shared.map((portion) => portion.files), ...alone(suite.apart)]
}
