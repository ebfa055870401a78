import { type ReadonlySignal, signal } from '@preact/signals'
import { mendRecording } from '../../lib/mended-recording.ts'
import { resample } from './waveform.ts'

export interface Recording {
  file: Blob
  seconds: number
  /** 64 numbers from 0 to 100, as the server will make them: for showing it until it has. */
  waveform: number[]
}

export interface Recorder {
  readonly seconds: ReadonlySignal<number>
  /** How loud it was, ten times a second, 0 to 100. */
  readonly levels: ReadonlySignal<readonly number[]>
  stop(): Promise<Recording>
  cancel(): void
}

/** The server takes no longer ones. */
export const longestSeconds = 300
const forms = ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus']
const stepMs = 100

/** Browsers hand a microphone to secure pages alone: elsewhere there is nothing to press. */
export function canRecord(): boolean {
  return typeof MediaRecorder === 'function' && typeof navigator.mediaDevices?.getUserMedia === 'function'
}

/** Rejects when the person or the browser refuses the microphone. */
export async function startRecording(onFull: () => void): Promise<Recorder> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true })
  const form = forms.find((one) => MediaRecorder.isTypeSupported(one))
  const recorder = new MediaRecorder(stream, {
    audioBitsPerSecond: 48_000,
    ...(form ? { mimeType: form } : {}),
  })
  const pieces: Blob[] = []
  recorder.ondataavailable = ({ data }) => pieces.push(data)
  const ended = new Promise<void>((resolve) => {
    recorder.onstop = () => resolve()
  })
  const meter = listenTo(stream)
  const seconds = signal(0)
  const levels = signal<readonly number[]>([])
  const beganAt = performance.now()
  const timer = setInterval(() => {
    seconds.value = (performance.now() - beganAt) / 1000
    levels.value = [...levels.value, meter.level()]
    if (seconds.value >= longestSeconds) onFull()
  }, stepMs)
  recorder.start(1000)

  function release(): void {
    clearInterval(timer)
    meter.close()
    for (const track of stream.getTracks()) track.stop()
  }

  return {
    seconds,
    levels,
    async stop() {
      seconds.value = Math.min(longestSeconds, (performance.now() - beganAt) / 1000)
      if (recorder.state !== 'inactive') recorder.stop()
      await ended
      release()
      return {
        file: await mendRecording(new Blob(pieces, { type: recorder.mimeType })),
        seconds: seconds.value,
        waveform: resample(levels.value),
      }
    },
    cancel() {
      if (recorder.state !== 'inactive') recorder.stop()
      release()
    },
  }
}

function listenTo(stream: MediaStream): { level(): number; close(): void } {
  const context = new AudioContext()
  const analyser = context.createAnalyser()
  analyser.fftSize = 1024
  context.createMediaStreamSource(stream).connect(analyser)
  const samples = new Float32Array(analyser.fftSize)
  return {
    level() {
      analyser.getFloatTimeDomainData(samples)
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length
      // Speech lies far below the loudest possible: the root brings it up to where it is seen.
      return Math.min(100, Math.round(Math.sqrt(Math.sqrt(power)) * 140))
    },
    close: () => void context.close(),
  }
}
