import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { edgeToken } from '#modules/media'
import { type Keys, loadSecrets } from '#platform/secrets/secrets.ts'
import { CommandFault } from './command-fault.ts'
import type { Tools } from './tools.ts'

const edgeFolder = fileURLToPath(new URL('../../../edge/', import.meta.url))

interface EdgeOptions {
  origin: string
  internal: string
  listen: string
  name: string
  files: string
  data: string
  cacheSize: string
  accessLog: string
}

/** Files of an nginx edge. They hold secrets of this instance, so that each time they are told stands in the log. */
export function addEdgeCommands(program: Command, { config, printerOf, withApp }: Tools): void {
  const noteTold = (edge: string) =>
    withApp(({ modules }) => modules.admin.api.operator.noteBegun('edge.key_told', { edge }))
  const edge = program.command('edge').description('nginx in front: edge/README.md')

  edge
    .command('config')
    .description('write the files of an edge into a folder; the settings of one edge are the options')
    .argument('<folder>')
    .requiredOption('--internal <url>', 'where the origin reaches this edge, as in EDGE_URLS')
    .option('--origin <host:port>', 'where the edge reaches the origin', '127.0.0.1:3000')
    .option('--listen <address>', 'where people reach the edge', '80')
    .option('--name <server_name>', 'host names of the edge', '_')
    .option('--files <folder>', 'where these files will lie on the edge', '/etc/nginx/heliograph')
    .option('--data <folder>', 'cache and marks, on one file system', '/var/cache/heliograph-edge')
    .option('--cache-size <size>', 'of the cache at most', '10g')
    .option('--access-log <file>', 'for the hit rate', '/var/log/nginx/heliograph-edge.log')
    .action(async (folder: string, options: EdgeOptions, command: Command) => {
      const out = resolve(folder)
      await mkdir(out, { recursive: true })
      const secrets = await loadSecrets(config().data.folder)
      const template = await readFile(join(edgeFolder, 'nginx.conf.template'), 'utf8')
      const values = valuesOf(options, secrets.keys('edges'))
      await noteTold(new URL(options.internal).origin)
      const conf = template.replace(/@([A-Z_]+)@/g, (whole, name: string) => values[name] ?? whole)
      await writeSecret(join(out, 'heliograph.conf'), conf)
      await writeSecret(join(out, 'heliograph-key.conf'), keyFile(secrets.keys('media')))
      for (const name of ['heliograph-edge.js', 'heliograph-object.conf']) {
        await copyFile(join(edgeFolder, name), join(out, name))
      }
      printerOf(command).facts({ folder: out, edgeUrl: new URL(options.internal).origin })
    })

  edge
    .command('key')
    .description('print heliograph-key.conf: with it an edge checks addresses, and could sign them')
    .action(async (_options: object, command: Command) => {
      const secrets = await loadSecrets(config().data.folder)
      await noteTold('any')
      printerOf(command).line(keyFile(secrets.keys('media')).trimEnd())
    })
}

/** What stands in the template between two @. Checked: it becomes configuration. */
function valuesOf(options: EdgeOptions, keys: Keys): Record<string, string> {
  const plain: [option: string, value: string, form: RegExp][] = [
    ['--origin', options.origin, /^[A-Za-z0-9.[\]:-]+$/],
    ['--listen', options.listen, /^[A-Za-z0-9.[\]:*-]+$/],
    ['--name', options.name, /^[A-Za-z0-9._* -]+$/],
    ['--files', options.files, /^\/[A-Za-z0-9._/-]+$/],
    ['--data', options.data, /^\/[A-Za-z0-9._/-]+$/],
    ['--cache-size', options.cacheSize, /^[0-9]+[kmg]$/],
    ['--access-log', options.accessLog, /^(?:off|\/[A-Za-z0-9._/-]+)$/],
  ]
  for (const [option, value, form] of plain) {
    if (!form.test(value))
      throw new CommandFault(`${option} ${value} cannot stand in a configuration of nginx.`)
  }
  const url = URL.canParse(options.internal) ? new URL(options.internal) : null
  if (url?.protocol !== 'http:' || url.href !== `${url.origin}/` || url.port === '') {
    throw new CommandFault(
      '--internal must be like http://10.0.0.2:8081, an address of the edge that only the origin reaches.',
    )
  }
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return {
    ORIGIN: options.origin,
    LISTEN: options.listen,
    NAME: options.name,
    FILES: options.files,
    DATA: options.data,
    CACHE_SIZE: options.cacheSize,
    ACCESS_LOG: options.accessLog === 'off' ? '/dev/null' : options.accessLog,
    // A name would be looked up once, when nginx starts; what it listens on is better said by address.
    INTERNAL: isIP(host) === 0 ? url.port : url.host,
    TOKENS: keys.map((key) => edgeToken(key, options.internal)).join('|'),
  }
}

/** While the keys are being changed an edge gets both. */
function keyFile(keys: Keys): string {
  const texts = keys.map((key) => key.toString('base64url'))
  return `map '' $heliograph_secret { default '${texts.join(',')}'; }\n`
}

async function writeSecret(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 })
  await chmod(path, 0o600)
}
