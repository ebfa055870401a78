// The decoding child: one picture at a time, no network, no database, no secrets in its environment.

import { makeOriginal } from './make-original.ts'
import { MediaError } from './media-error.ts'
import type { ChildRequest, FromChild, ToChild } from './protocol.ts'
import { renderPhoto } from './render-photo.ts'

const memoryReportMs = 200

// A terminal's Ctrl-C and a service manager's stop reach every process of the group. The worker decides when
// its pictures are done; its end, however it comes, closes the channel.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
process.on('disconnect', () => process.exit(0))

process.on('message', async (message: ToChild) => send(await answer(message.job)))

// Where the parent cannot look at this process's memory itself (no /proc), it is told.
if (process.platform !== 'linux') {
  setInterval(() => send({ type: 'memory', rssBytes: rss() }), memoryReportMs).unref()
}

send({ type: 'ready' })

async function answer(job: ChildRequest): Promise<FromChild> {
  const before = process.cpuUsage()
  try {
    if (job.kind === 'photo') {
      const result = await renderPhoto(job)
      return { type: 'rendered', result: { ...result, cpuMs: cpuMsSince(before) }, rssBytes: rss() }
    }
    const result = await makeOriginal(job)
    return { type: 'original', result: { ...result, cpuMs: cpuMsSince(before) }, rssBytes: rss() }
  } catch (error) {
    return { type: 'failed', failure: MediaError.from(error).toFailure(), rssBytes: rss() }
  }
}

function rss(): number {
  return process.memoryUsage.rss()
}

function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

function send(message: FromChild): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {})
}
