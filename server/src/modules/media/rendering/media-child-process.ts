import { type ChildProcess, fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { MediaError } from '../child/media-error.ts'
import { type ChildRequest, type FromChild, mediaFailureCodes, type ToChild } from '../child/protocol.ts'
import type { DecoderAccount } from './media-decoder-account.ts'

export interface ChildLimits {
  /** Resident memory of the whole process, decoders and programs that it runs included. */
  memoryBytes: number
  /** Of a video: until its length is known. */
  timeoutMs: number
  /** What a video has beyond that, for each of its seconds. */
  timeoutPerSecondMs?: number
  /** A video that comes no further for so long hangs. */
  stallMs?: number
  /** Of the process; what has a higher one gives way. */
  niceness?: number
  /** Whom the process is, when not who we are. */
  account?: DecoderAccount | undefined
}

export type Answer = Extract<
  FromChild,
  { type: 'rendered' | 'original' | 'video' | 'voice' | 'engine' | 'decoders' }
>

/** What one job took, beside what it may take. */
export interface Spent {
  job: ChildRequest
  /** The most that the process ever had in memory, with the programs that it ran. */
  peakBytes: number
  memoryBytes: number
  ms: number
  allowedMs: number
}

export interface RunOptions {
  /** However it ended. */
  onSpent?: ((spent: Spent) => void) | undefined
  signal?: AbortSignal | undefined
  onProgress?: ((progress: number) => void) | undefined
}

export interface MediaChild {
  readonly pid: number
  /**
   * One at a time. Rejects with a MediaError or the signal's reason; the child may be dead after that, see
   * `isUsable`. `undefined`: the child was gone before the job reached it.
   */
  run(job: ChildRequest, options?: RunOptions): Promise<Answer | undefined>
  isUsable(): boolean
  /** Resident memory after the last job. */
  restingBytes(): number
  kill(): void
  /** Resolves when the process is gone. */
  readonly gone: Promise<void>
}

const entry = fileURLToPath(new URL('../child/main.ts', import.meta.url))
const startTimeoutMs = 30_000
const memoryCheckMs = 100
const heapMegabytes = 256
const stderrBytes = 4_000

/** Resolves once the child can take a job. */
export async function startMediaChild(limits: ChildLimits, signal?: AbortSignal): Promise<MediaChild> {
  const child = fork(entry, {
    execPath: process.execPath,
    execArgv: [`--max-old-space-size=${heapMegabytes}`, '--disable-warning=ExperimentalWarning'],
    // Decoders meet strangers' bytes: nothing of the worker's environment (keys, addresses) goes there.
    // Few arenas: glibc would otherwise keep every thread's freed pictures.
    ...limits.account,
    env: { MALLOC_ARENA_MAX: '2', UV_THREADPOOL_SIZE: '2' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  // At once: threads that it starts later inherit it.
  if (child.pid !== undefined) standBack(child.pid, limits.niceness ?? 0)
  const stderr = keepTail(child)
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  try {
    await becomeReady(child, signal)
  } catch (error) {
    // Whoever closes the pool relies on it that nothing of it is left.
    await gone
    throw error
  }
  preferAsVictim(child.pid!)
  let restingBytes = 0
  child.on('message', (message: FromChild) => {
    if ('rssBytes' in message) restingBytes = message.rssBytes
  })
  return {
    pid: child.pid!,
    run: (job, options = {}) => runJob(child, job, limits, stderr, options),
    // `killed` is true from the moment the signal is sent, long before the exit is heard of.
    isUsable: () => child.connected && !child.killed && child.exitCode === null && child.signalCode === null,
    restingBytes: () => restingBytes,
    kill: () => void child.kill('SIGKILL'),
    gone,
  }
}

function becomeReady(child: ChildProcess, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (detail: string) => {
      settle()
      child.kill('SIGKILL')
      reject(new MediaError('media.interrupted', `decoding process did not start: ${detail}`))
    }
    const onMessage = (message: FromChild) => {
      if (message.type !== 'ready') return
      settle()
      resolve()
    }
    const onError = (error: Error) => fail(error.message)
    const onExit = (code: number | null, signal: string | null) => fail(`exit ${code ?? signal}`)
    const onAbort = () => fail('not wanted any more')
    const timer = setTimeout(() => fail(`no sign in ${startTimeoutMs} ms`), startTimeoutMs)
    const settle = () => {
      clearTimeout(timer)
      child.off('message', onMessage).off('exit', onExit)
      signal?.removeEventListener('abort', onAbort)
    }
    // The listener for errors stays: without one, a failed kill or send would end the worker.
    child.on('message', onMessage).on('exit', onExit).on('error', onError)
    signal?.addEventListener('abort', onAbort)
    if (signal?.aborted) onAbort()
  })
}

/** The timer and the memory watch stand outside the child: one long decode inside cannot hold them up. */
function runJob(
  child: ChildProcess,
  job: ChildRequest,
  limits: ChildLimits,
  stderr: () => string,
  { signal, onProgress, onSpent }: RunOptions,
): Promise<Answer | undefined> {
  const began = performance.now()
  let peakBytes = 0
  return new Promise((resolve, reject) => {
    const killWith = (error: unknown) => {
      settle()
      child.kill('SIGKILL')
      reject(error)
    }
    const checkMemory = (rssBytes: number | undefined) => {
      peakBytes = Math.max(peakBytes, rssBytes ?? 0)
      if (!isSettled && rssBytes !== undefined && rssBytes > limits.memoryBytes) {
        killWith(new MediaError('media.out_of_memory', `${rssBytes} bytes resident`))
      }
    }
    const onMessage = (message: FromChild) => {
      if (message.type === 'memory') return checkMemory(message.rssBytes)
      if (message.type === 'ready') return
      if (message.type === 'begun') return clock.begun(message.seconds)
      if (message.type === 'progress') {
        if (clock.progressed(message.progress)) onProgress?.(message.progress)
        return
      }
      settle()
      if (message.type === 'failed') reject(failureOf(message.failure))
      else resolve(message)
    }
    const onExit = (code: number | null, by: string | null) => {
      settle()
      reject(deathOf(code, by, stderr()))
    }
    const onAbort = () => killWith(signal?.reason)
    const clock = startClock(limits, (ms) => killWith(new MediaError('media.timeout', `after ${ms} ms`)))
    const watch = setInterval(async () => checkMemory(await residentBytesOfAll(child.pid!)), memoryCheckMs)
    let isSettled = false
    const settle = () => {
      isSettled = true
      const ms = performance.now() - began
      const { memoryBytes } = limits
      const peak = () => Math.max(peakBytes, highestResidentBytes(child.pid!))
      onSpent?.({ job, peakBytes: peak(), memoryBytes, ms, allowedMs: clock.allowedMs() })
      clock.stop()
      clearInterval(watch)
      child.off('message', onMessage).off('exit', onExit)
      signal?.removeEventListener('abort', onAbort)
    }
    child.on('message', onMessage).on('exit', onExit)
    signal?.addEventListener('abort', onAbort)
    if (signal?.aborted) return onAbort()
    const message: ToChild = { job }
    child.send(message, (error) => {
      if (!error || isSettled) return
      settle()
      child.kill('SIGKILL')
      resolve(undefined)
    })
  })
}

interface JobClock {
  /** Once: the child cannot ask for more time again. */
  begun(seconds: number | null): void
  /** False when this is no progress. */
  progressed(progress: number): boolean
  allowedMs(): number
  stop(): void
}

/** The longest that a child can claim, in seconds: settings allow no longer videos. */
const longestClaim = 24 * 3600

function startClock(limits: ChildLimits, expire: (ms: number) => void): JobClock {
  const { timeoutMs, timeoutPerSecondMs = 0, stallMs } = limits
  const arm = (ms: number) => setTimeout(() => expire(ms), ms)
  let allowedMs = timeoutMs
  let whole = arm(allowedMs)
  let stall: NodeJS.Timeout | undefined
  let hasBegun = false
  let reached = -1
  const rearmStall = () => {
    clearTimeout(stall)
    if (stallMs !== undefined) stall = arm(stallMs)
  }
  return {
    begun(seconds) {
      if (hasBegun) return
      hasBegun = true
      clearTimeout(whole)
      allowedMs += timeoutPerSecondMs * Math.min(longestClaim, Math.max(0, Number(seconds) || 0))
      whole = arm(allowedMs)
      rearmStall()
    },
    progressed(progress) {
      if (!hasBegun || !(progress > reached && progress <= 1)) return false
      reached = progress
      rearmStall()
      return true
    },
    allowedMs: () => allowedMs,
    stop() {
      clearTimeout(whole)
      clearTimeout(stall)
    },
  }
}

/** A killed child says nothing about the picture; a crashed one does. */
function deathOf(code: number | null, signal: string | null, stderr: string): MediaError {
  const detail = `decoding process ended: ${signal ?? `exit ${code}`} ${stderr}`.trim()
  const isCrash = signal === 'SIGSEGV' || signal === 'SIGBUS' || signal === 'SIGILL' || signal === 'SIGFPE'
  if (isCrash) return new MediaError('media.corrupt', detail)
  // V8 and libstdc++ abort when an allocation fails; a shell would report the same as 134.
  if (signal === 'SIGABRT' || signal === 'SIGTRAP' || code === 134) {
    return new MediaError('media.out_of_memory', detail)
  }
  return new MediaError('media.interrupted', detail)
}

function failureOf(failure: Extract<FromChild, { type: 'failed' }>['failure']): MediaError {
  const code = mediaFailureCodes.includes(failure.code) ? failure.code : 'media.corrupt'
  return new MediaError(code, failure.detail)
}

/** With the programs that the process runs. */
async function residentBytesOfAll(pid: number): Promise<number | undefined> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'latin1').catch(() => '')
  const pids = [pid, ...children.split(' ').filter(Boolean).map(Number)]
  const sizes = await Promise.all(pids.map(residentBytes))
  return sizes[0] === undefined ? undefined : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0)
}

/** Between two looks, too: the system keeps it. */
function highestResidentBytes(pid: number): number {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]
    return Number(kilobytes ?? 0) * 1024
  } catch {
    return 0
  }
}

async function residentBytes(pid: number): Promise<number | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'latin1')
    const kilobytes = status.match(/^VmRSS:\s+(\d+) kB/m)?.[1]
    return kilobytes ? Number(kilobytes) * 1024 : undefined
  } catch {
    return undefined
  }
}

function standBack(pid: number, niceness: number): void {
  if (niceness === 0) return
  try {
    setPriority(pid, niceness)
  } catch {
    // Gone already: that is heard of elsewhere.
  }
}

/** When the machine itself runs out of memory, a picture should go before the database does. */
function preferAsVictim(pid: number): void {
  if (process.platform === 'linux') void writeFile(`/proc/${pid}/oom_score_adj`, '700').catch(() => {})
}

function keepTail(child: ChildProcess): () => string {
  let tail = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-stderrBytes)
  })
  return () => tail.trim()
}
