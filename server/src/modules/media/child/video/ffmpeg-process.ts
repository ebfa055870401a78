import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { engineError } from './engine-error.ts'

const wordsKept = 4_000
const setpriv = '/usr/bin/setpriv'

const running = new Set<ChildProcess>()
// Where nothing ties the program's life to ours, our orderly end still takes it along.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/**
 * Runs a program of FFmpeg's to its end, handing on what it prints. It has no environment and no input; on
 * Linux the kernel ends it when this process ends, however that happens.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  operation: string,
  onOutput: (chunk: Buffer, stop: () => void) => void | Promise<void>,
): Promise<void> {
  const tied = existsSync(setpriv) ? [setpriv, '--pdeathsig', 'KILL', '--', program] : [program]
  const child = spawn(tied[0]!, [...tied.slice(1), ...args], {
    env: { MALLOC_ARENA_MAX: '2' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  let isStopped = false
  const stop = () => {
    isStopped = true
    child.kill('SIGKILL')
  }
  let words = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-wordsKept)
  })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      if (!isStopped) await onOutput(chunk, stop)
    }
    const code = await ended
    if (code !== 0 && !isStopped) throw engineError(words || `exit ${code ?? child.signalCode}`, operation)
  } catch (error) {
    stop()
    throw error
  } finally {
    running.delete(child)
  }
}

/** For answers that are small. */
export async function outputOf(program: string, args: readonly string[], operation: string): Promise<string> {
  const chunks: Buffer[] = []
  await runProgram(program, args, operation, (chunk) => void chunks.push(chunk))
  return Buffer.concat(chunks).toString('utf8')
}
