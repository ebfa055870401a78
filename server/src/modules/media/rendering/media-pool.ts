import { constants } from 'node:os'
import { MediaError } from '../child/media-error.ts'
import {
  type ChildRequest,
  type EngineOutcome,
  type EngineRequest,
  type OriginalOutcome,
  type OriginalRequest,
  type PhotoFormat,
  photoFormats,
  type RenderOutcome,
  type RenderRequest,
  type RenditionName,
  type VideoFileName,
  type VideoOutcome,
  type VideoRequest,
  type VoiceOutcome,
  type VoiceRequest,
} from '../child/protocol.ts'
import {
  type Answer,
  type ChildLimits,
  type MediaChild,
  type RunOptions,
  type Spent,
  startMediaChild,
} from './media-child-process.ts'

import { lend, takeBack } from './media-decoder-account.ts'
import {
  checkedFiles,
  checkedVideoFiles,
  isWaveform,
  type MadeFile,
  placed,
  unexpected,
} from './media-made-files.ts'

export { isFullDisk, MediaError } from '../child/media-error.ts'
export type { Spent } from './media-child-process.ts'

export type RenderResult = RenderOutcome<MadeFile<RenditionName>>
export type OriginalResult = OriginalOutcome<MadeFile<'original'>>
export type VideoResult = VideoOutcome<MadeFile<VideoFileName>>
export type VoiceResult = VoiceOutcome<MadeFile<'voice'>>

interface PoolLog {
  warn(fields: object, text: string): void
}

export interface MediaPoolOptions {
  /** Pictures decoded at the same time; a process each. Bulk work has one more, which stands back behind all others. */
  size: number
  log: PoolLog
  limits?: Partial<ChildLimits>
  /** A process is replaced after so many pictures: native heaps fragment. */
  jobsPerChild?: number
  /** Told after each job, for those who compare it with the limits. */
  onSpent?: (spent: Spent) => void
}

export interface RenderOptions {
  signal?: AbortSignal
  /** `bulk`: nobody waits for it. */
  lane?: 'fresh' | 'bulk'
}

export interface MediaPool {
  /** Rejects with a MediaError, or with the signal's reason. */
  render(request: RenderRequest, options?: RenderOptions): Promise<RenderResult>
  original(request: OriginalRequest, options?: { signal?: AbortSignal }): Promise<OriginalResult>
  video(request: VideoRequest, options?: RenderOptions & RunOptions): Promise<VideoResult>
  voice(request: VoiceRequest, options?: { signal?: AbortSignal }): Promise<VoiceResult>
  engine(request: EngineRequest): Promise<EngineOutcome>
  decoders(): Promise<PhotoFormat[]>
  /** What is under way is interrupted (retryable): callers that want it finished wait before closing. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

interface Waiting extends RunOptions {
  job: ChildRequest
  resolve(answer: Answer): void
  reject(error: unknown): void
}

interface Member {
  child: MediaChild
  jobs: number
}

// 100 megapixels of AVIF take 1.8 GB inside libheif; a phone's photograph takes 0.1.
const defaults = { memoryBytes: 2 * 1024 ** 3, timeoutMs: 60_000, jobsPerChild: 200 }
/** Allocators and WebAssembly keep what one large picture took; a fresh process costs 0.2 s. */
const bloatedBytes = 400 * 1024 ** 2
const firstPauseMs = 100
const longestPauseMs = 10_000

/** What bulk work has at its disposal beside the others: time, for it gets only the CPU that nobody else wants. */
const bulkTimeoutFactor = 20

export function createMediaPool(options: MediaPoolOptions): MediaPool {
  const account = options.limits?.account
  const pool = new Pool(options)
  const bulk = new Pool({ ...options, size: 1, limits: patientLimits(options.limits), isPatient: true })
  const close = async () => void (await Promise.all([pool.close(), bulk.close()]))
  const submit = async (
    job: RenderRequest | OriginalRequest | VideoRequest | VoiceRequest,
    { lane = 'fresh', ...options }: RenderOptions & RunOptions,
  ) => {
    if (account) await lend(job, account)
    return await (lane === 'bulk' ? bulk : pool).submit(job, options)
  }
  const taken = async <File extends MadeFile>(outDir: string, files: File[]) => {
    if (account) await takeBack(outDir, files)
    return files
  }
  return {
    render: async (request, options = {}) => {
      const answer = await submit(request, options)
      if (answer.type !== 'rendered') throw unexpected()
      const files = await taken(request.outDir, checkedFiles(request, answer.result.files))
      return { ...answer.result, files }
    },
    original: async (request, options = {}) => {
      const answer = await submit(request, options)
      if (answer.type !== 'original') throw unexpected()
      const [file] = await taken(request.outDir, [placed(request.outDir, answer.result.file)])
      return { ...answer.result, file: file! }
    },
    video: async (request, options = {}) => {
      const answer = await submit(request, options)
      if (answer.type !== 'video') throw unexpected()
      const files = await taken(request.outDir, checkedVideoFiles(request, answer.result.files))
      return { ...answer.result, files }
    },
    voice: async (request, options = {}) => {
      const answer = await submit(request, options)
      if (answer.type !== 'voice') throw unexpected()
      const files = answer.result.files.map((file) => placed(request.outDir, file))
      if (files.length !== 1 || !isWaveform(answer.result.waveform)) throw unexpected()
      return { ...answer.result, files: await taken(request.outDir, files) }
    },
    engine: async (request) => {
      const answer = await pool.submit(request, {})
      if (answer.type !== 'engine') throw unexpected()
      return answer.result
    },
    decoders: async () => {
      const answer = await pool.submit({ id: 'decoders', kind: 'decoders' }, {})
      if (answer.type !== 'decoders') throw unexpected()
      return photoFormats.filter((format) => answer.result.includes(format))
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function patientLimits(limits: Partial<ChildLimits> = {}): Partial<ChildLimits> {
  const { timeoutMs = defaults.timeoutMs, timeoutPerSecondMs, stallMs } = limits
  return {
    ...limits,
    timeoutMs: timeoutMs * bulkTimeoutFactor,
    ...(timeoutPerSecondMs ? { timeoutPerSecondMs: timeoutPerSecondMs * bulkTimeoutFactor } : {}),
    ...(stallMs ? { stallMs: stallMs * bulkTimeoutFactor } : {}),
  }
}

class Pool {
  readonly #size: number
  readonly #log: PoolLog
  readonly #limits: ChildLimits
  readonly #jobsPerChild: number
  readonly #onSpent: MediaPoolOptions['onSpent']
  readonly #waiting: Waiting[] = []
  readonly #idle: Member[] = []
  readonly #alive = new Set<Member>()
  readonly #closing = new AbortController()
  readonly #starting = new Set<Promise<void>>()
  #deathsInARow = 0
  #pauseUntil = 0
  #pause: NodeJS.Timeout | undefined

  constructor(options: MediaPoolOptions & { isPatient?: boolean }) {
    this.#size = Math.max(1, options.size)
    this.#log = options.log
    this.#limits = {
      ...options.limits,
      memoryBytes: options.limits?.memoryBytes ?? defaults.memoryBytes,
      timeoutMs: options.limits?.timeoutMs ?? defaults.timeoutMs,
      niceness: options.isPatient ? constants.priority.PRIORITY_LOW : (options.limits?.niceness ?? 0),
    }
    this.#jobsPerChild = options.jobsPerChild ?? defaults.jobsPerChild
    this.#onSpent = options.onSpent
  }

  submit(job: ChildRequest, { signal, onProgress }: RunOptions): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#closing.signal.aborted) return reject(closed())
      if (signal?.aborted) return reject(signal.reason)
      const onAbort = () => this.#withdraw(waiting)
      const settled = () => signal?.removeEventListener('abort', onAbort)
      const waiting: Waiting = {
        job,
        signal,
        onProgress,
        resolve: (answer) => {
          settled()
          resolve(answer)
        },
        reject: (error) => {
          settled()
          reject(error)
        },
      }
      signal?.addEventListener('abort', onAbort)
      this.#waiting.push(waiting)
      this.#advance()
    })
  }

  async close(): Promise<void> {
    this.#closing.abort(closed())
    clearTimeout(this.#pause)
    for (const { reject } of this.#waiting.splice(0)) reject(closed())
    const members = [...this.#alive]
    for (const { child } of members) child.kill()
    await Promise.all([...this.#starting, ...members.map(({ child }) => child.gone)])
  }

  #withdraw(waiting: Waiting): void {
    const index = this.#waiting.indexOf(waiting)
    if (index === -1) return
    this.#waiting.splice(index, 1)
    waiting.reject(waiting.signal?.reason)
  }

  /** A job that did not reach its child keeps its place. */
  #putBack(waiting: Waiting): void {
    if (this.#closing.signal.aborted) waiting.reject(closed())
    else if (waiting.signal?.aborted) waiting.reject(waiting.signal.reason)
    else this.#waiting.unshift(waiting)
  }

  /** Gives waiting jobs to idle children, the last used first, and starts a child where one is missing. */
  #advance(): void {
    if (this.#closing.signal.aborted) return
    while (this.#waiting.length > 0) {
      const member = this.#idle.pop()
      if (!member) break
      if (member.child.isUsable()) void this.#work(member, this.#waiting.shift()!)
      else this.#alive.delete(member)
    }
    const free = this.#size - this.#alive.size
    const missing = Math.min(this.#waiting.length, free) - this.#starting.size
    if (missing > 0 && Date.now() < this.#pauseUntil) {
      this.#advanceLater()
      return
    }
    for (let count = 0; count < missing; count++) {
      const start = this.#start()
      this.#starting.add(start)
      void start.finally(() => {
        this.#starting.delete(start)
        this.#advance()
      })
    }
  }

  async #start(): Promise<void> {
    try {
      const member: Member = { child: await startMediaChild(this.#limits, this.#closing.signal), jobs: 0 }
      this.#alive.add(member)
      this.#idle.push(member)
    } catch (error) {
      if (this.#closing.signal.aborted) return
      this.#noteDeath()
      this.#log.warn({ err: error }, 'decoding process did not start')
      // With nothing else alive the oldest job learns of it, rather than wait for a start that may never work.
      if (this.#alive.size === 0) this.#waiting.shift()?.reject(error)
    }
  }

  async #work(member: Member, waiting: Waiting): Promise<void> {
    const { child } = member
    try {
      const answer = await child.run(waiting.job, { ...waiting, onSpent: this.#onSpent })
      if (answer) waiting.resolve(answer)
      else this.#putBack(waiting)
    } catch (error) {
      const isClosing = this.#closing.signal.aborted
      waiting.reject(isClosing ? closed() : error)
      const isUnexpected = !isClosing && waiting.signal?.aborted !== true
      if (!child.isUsable() && isUnexpected) this.#noteLoss(child, waiting.job, error)
    }
    if (child.isUsable()) this.#deathsInARow = 0
    member.jobs++
    const isWorn = member.jobs >= this.#jobsPerChild || child.restingBytes() > bloatedBytes
    if (child.isUsable() && !isWorn) this.#idle.push(member)
    else this.#retire(member)
    this.#advance()
  }

  #retire(member: Member): void {
    this.#alive.delete(member)
    member.child.kill()
  }

  #noteLoss(child: MediaChild, job: ChildRequest, error: unknown): void {
    this.#log.warn({ err: error, job: job.id, pid: child.pid }, 'decoding process lost')
    if (error instanceof MediaError && error.retryable) this.#noteDeath()
  }

  /** A child that dies of its surroundings may die again at once: wait 0.1 s, doubling up to 10 s. */
  #noteDeath(): void {
    this.#deathsInARow++
    if (this.#deathsInARow === 1) return
    const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** (this.#deathsInARow - 2))
    this.#pauseUntil = Date.now() + pause
  }

  #advanceLater(): void {
    clearTimeout(this.#pause)
    this.#pause = setTimeout(() => this.#advance(), this.#pauseUntil - Date.now() + 1)
  }
}

function closed(): MediaError {
  return new MediaError('media.interrupted', 'the pool is closed')
}
