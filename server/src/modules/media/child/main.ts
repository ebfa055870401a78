// The decoding child: one picture or video at a time, no network, no database, no secrets in its environment.

import { readFileSync } from 'node:fs'
import { makeOriginal } from './make-original.ts'
import { MediaError } from './media-error.ts'
import { decodableFormats } from './photo-decoders.ts'
import type { ChildRequest, FromChild, ToChild } from './protocol.ts'
import { renderPhoto } from './render-photo.ts'
import { describeEngine } from './video/choose-engine.ts'
import { makeVideoOriginal } from './video/make-video-original.ts'
import { renderVideo } from './video/render-video.ts'
import { renderVoice } from './video/render-voice.ts'

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
  const before = cpuMs()
  try {
    switch (job.kind) {
      case 'photo': {
        const result = await renderPhoto(job)
        return { type: 'rendered', result: { ...result, cpuMs: cpuMs() - before }, rssBytes: rss() }
      }
      case 'original': {
        const { engine } = job
        const result = await (engine ? makeVideoOriginal({ ...job, engine }) : makeOriginal(job))
        return { type: 'original', result: { ...result, cpuMs: cpuMs() - before }, rssBytes: rss() }
      }
      case 'video': {
        const result = await renderVideo(job, {
          begun: (seconds) => send({ type: 'begun', seconds }),
          progress: (progress) => send({ type: 'progress', progress }),
        })
        return { type: 'video', result: { ...result, cpuMs: cpuMs() - before }, rssBytes: rss() }
      }
      case 'voice': {
        const result = await renderVoice(job)
        return { type: 'voice', result: { ...result, cpuMs: cpuMs() - before }, rssBytes: rss() }
      }
      case 'decoders':
        return { type: 'decoders', result: await decodableFormats(), rssBytes: rss() }
      case 'engine':
        return { type: 'engine', result: await describeEngine(job.engine), rssBytes: rss() }
    }
  } catch (error) {
    return { type: 'failed', failure: MediaError.from(error).toFailure(), rssBytes: rss() }
  }
}

function rss(): number {
  return process.memoryUsage.rss()
}

/** With that of programs that it ran to their end, where the system tells it. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000 + programsMs()
}

/** A tick of the kernel's accounts is 10 ms for everybody who reads them. */
const tickMs = 10

function programsMs(): number {
  if (process.platform !== 'linux') return 0
  // Behind the name, which may hold anything: state is the third field, children's times are the 16th and 17th.
  const fields = readFileSync('/proc/self/stat', 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ')
  return (Number(fields[13]) + Number(fields[14])) * tickMs
}

function send(message: FromChild): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {})
}
