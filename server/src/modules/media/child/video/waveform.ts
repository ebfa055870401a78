/** How loud each part of a sound is, as it is drawn. */
export interface Waveform {
  /** 16 bits a sample, little end first. */
  add(samples: Buffer): void
  /** From 0 to 100, where 100 is the loudest part; all zeros of what is silent. */
  heights(): number[]
}

/** Quieter than this is silence, and stays flat however quiet the rest is: 1 % of what can be told. */
const faintest = 328

export function createWaveform(parts: number, expectedSamples: number): Waveform {
  const peaks = new Uint16Array(parts)
  const perPart = Math.max(1, expectedSamples / parts)
  let seen = 0
  return {
    add(samples) {
      for (let at = 0; at + 1 < samples.length; at += 2) {
        const part = Math.min(parts - 1, Math.floor(seen / perPart))
        const height = Math.abs(samples.readInt16LE(at))
        if (height > peaks[part]!) peaks[part] = height
        seen += 1
      }
    },
    heights() {
      const loudest = Math.max(faintest, ...peaks)
      return Array.from(peaks, (peak) => (peak < faintest ? 0 : Math.round((peak / loudest) * 100)))
    },
  }
}
