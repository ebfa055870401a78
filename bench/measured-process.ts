import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const probe = new URL('./child-figures.ts', import.meta.url).href

/** A process of its own whose CPU can be asked for. */
export interface MeasuredProcess {
  url: string
  pid: number
  send(message: object): void
  /** The first message of this type from now on. */
  next<T>(type: string): Promise<T>
  /** Milliseconds so far. */
  cpu(): Promise<number>
  /** Bytes, after collecting garbage: of the whole process, and what its heap and buffers use. */
  memory(): Promise<{ rss: number; used: number }>
  stop(): Promise<void>
}

/** `imports`: modules to load before it. */
export async function startMeasured(
  file: string,
  env: Record<string, string>,
  imports: readonly string[] = [],
): Promise<MeasuredProcess> {
  const before = [probe, ...imports.map((name) => new URL(name, import.meta.url).href)]
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), {
    execArgv: before.flatMap((href) => ['--import', href]),
    env: { ...process.env, ...env },
  })
  const next = <T>(type: string) => nextMessage<T>(child, type)
  const { url } = await next<{ url: string }>('ready')
  return {
    url,
    pid: child.pid!,
    send: (message) => void child.send(message),
    next,
    async cpu() {
      const answer = next<{ milliseconds: number }>('cpu')
      child.send({ type: 'cpu' })
      return (await answer).milliseconds
    },
    memory() {
      const answer = next<{ rss: number; used: number }>('memory')
      child.send({ type: 'memory' })
      return answer
    },
    async stop() {
      const ended = once(child, 'exit')
      child.send({ type: 'stop' })
      await ended
    },
  }
}

function nextMessage<T>(child: ChildProcess, wanted: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => {
      child.off('message', hear)
      child.off('exit', fail)
    }
    const hear = (message: { type?: string; sentence?: string }) => {
      if (message.type === 'fault') fail(message.sentence)
      if (message.type !== wanted) return
      end()
      resolve(message as T)
    }
    const fail = (why: unknown) => {
      end()
      reject(new Error(`The measured process ended: ${String(why)}`))
    }
    child.on('message', hear)
    child.on('exit', fail)
  })
}

/**
 * Tells the milliseconds of CPU that the children of a process have used, those that have ended as they were last looked at;
 * null where the system does not tell.
 */
export function createChildrenCpu(parentPid: number): () => number | null {
  let ended = 0
  let running = new Map<string, number>()
  return () => {
    try {
      const found = new Map<string, number>()
      for (const entry of readdirSync('/proc')) {
        if (!/^\d+$/.test(entry)) continue
        const fields = readStat(entry)
        if (fields?.[1] === String(parentPid)) found.set(entry, readScheduled(entry) ?? ticksOf(fields) * 10)
      }
      // A number may be another process's by now.
      for (const [pid, used] of running) if ((found.get(pid) ?? 0) < used) ended += used
      running = found
      return ended + [...found.values()].reduce((sum, used) => sum + used, 0)
    } catch {
      return null
    }
  }
}

const ticksOf = (fields: readonly string[]) => Number(fields[11]) + Number(fields[12])

/** Whether `createChildrenCpu` tells nanoseconds. */
export const isFine = readScheduled(String(process.pid)) !== null

/** To the nanosecond, where the kernel counts so; ticks are hundredths of a second. */
function readScheduled(pid: string): number | null {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6
  } catch {
    return null
  }
}

/** From the state on; the name before it may hold anything. */
function readStat(pid: string): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return null
  }
}
