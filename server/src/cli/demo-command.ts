import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import type { Tools } from './tools.ts'

const demo = fileURLToPath(new URL('../../../demo/src/demo.ts', import.meta.url))

/** The demo speaks to the server as any client does, so it is a program of its own. */
export function addDemoCommand(program: Command, { environment }: Tools): void {
  program
    .command('demo')
    .description('fill a running instance with people and photographs; see: demo --help')
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .argument('[options...]')
    .action(async (options: string[]) => {
      const url = environment.HELIOGRAPH_URL
      const known = options.some((option) => option.startsWith('--url')) || url === undefined
      const child = spawn(process.execPath, [demo, ...(known ? [] : ['--url', url]), ...options], {
        stdio: 'inherit',
      })
      const [code] = await once(child, 'exit')
      process.exitCode = typeof code === 'number' ? code : 1
    })
}
