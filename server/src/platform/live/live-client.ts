import { type LiveEvent, LiveRequest } from '@heliograph/contract/live'
import { liveCloseCodes } from '@heliograph/contract/live-close-codes'
import type { WebSocket } from 'ws'
import type { Viewer } from '#platform/http/viewer.ts'
import type { LiveLog } from './live-log.ts'

export type Closing = keyof typeof liveCloseCodes

const reasons: Readonly<Record<Closing, string>> = {
  goingAway: 'the server is stopping',
  askedAnew: 'open for long: connect again',
  sessionEnded: 'session ended',
  tooMany: 'too many connections',
  tooChatty: 'nothing of that kind is asked of you',
}

/** Bytes that may wait in one socket; more of what it has to hear waits in its account's log. */
const maxWaitingBytes = 16 * 1024

/** What a client may say between two heartbeats: a ping now and then. */
const maxHeard = 20

/** A client that does not answer the closing handshake keeps no memory for long. */
const closingMs = 2000

export interface ClientGiven {
  viewer: Viewer
  socket: WebSocket
  /** Who counts together with whom as one address. */
  address: string
  log: LiveLog
  /** The last id that it heard before, if it was here before. */
  after: string | undefined
  now: number
  onResync(why: 'slow' | 'resumed'): void
  onGone(client: LiveClient, why: 'left' | 'tooChatty'): void
}

/** One open socket: a reader of its account's log. */
export class LiveClient {
  readonly viewer: Viewer
  readonly address: string
  readonly since: number
  readonly #given: ClientGiven
  readonly #written = () => this.pump()
  /** Of the log, what was given to the socket. */
  #at: number
  #isResuming: boolean
  #isAlive = true
  #heard = 0

  constructor(given: ClientGiven) {
    this.#given = given
    this.viewer = given.viewer
    this.address = given.address
    this.since = given.now
    this.#isResuming = given.after !== undefined
    this.#at = given.after === undefined ? given.log.last : given.log.placeOf(given.after)
    const { socket } = given
    socket.on('pong', () => {
      this.#isAlive = true
    })
    socket.on('message', (data, isBinary) => this.#hear(isBinary ? '' : String(data)))
    socket.on('close', () => given.onGone(this, 'left'))
    socket.on('error', () => given.onGone(this, 'left'))
    this.#say(given.log.hello(this.#at))
    this.pump()
  }

  /** Bytes that its client has not taken. */
  get waitingBytes(): number {
    return this.#given.socket.bufferedAmount
  }

  /** Gives the socket what it lacks, as far as it takes it. Goes on by itself when that is gone. */
  pump(): void {
    const { log, socket, onResync } = this.#given
    while (this.#at !== log.last) {
      if (socket.readyState !== socket.OPEN || socket.bufferedAmount >= maxWaitingBytes) return
      const word = log.behind(this.#at)
      if (word === undefined) {
        onResync(this.#isResuming ? 'resumed' : 'slow')
        this.#at = log.last
        this.#say(log.resync())
      } else {
        this.#at += 1
        this.#say(word)
      }
    }
    this.#isResuming = false
  }

  /** False: it has not answered the last one, and is gone. */
  beat(): boolean {
    if (!this.#isAlive) {
      this.#given.socket.terminate()
      return false
    }
    this.#isAlive = false
    this.#heard = 0
    this.#given.socket.ping()
    return true
  }

  /** The last thing that it hears. */
  tellEnd(): void {
    this.#tell({ type: 'session.ended' })
  }

  close(why: Closing): void {
    const { socket } = this.#given
    socket.close(liveCloseCodes[why], reasons[why])
    setTimeout(() => socket.terminate(), closingMs).unref()
  }

  #hear(text: string): void {
    this.#isAlive = true
    this.#heard += 1
    if (this.#heard > maxHeard || !isRequest(text)) {
      this.#given.onGone(this, 'tooChatty')
      this.close('tooChatty')
    } else this.#tell({ type: 'pong' })
  }

  #tell(event: LiveEvent): void {
    if (this.waitingBytes < maxWaitingBytes) this.#say(JSON.stringify(event))
  }

  #say(text: string): void {
    const { socket } = this.#given
    if (socket.readyState === socket.OPEN) socket.send(text, this.#written)
  }
}

function isRequest(text: string): boolean {
  try {
    return LiveRequest.safeParse(JSON.parse(text)).success
  } catch {
    return false
  }
}
