// CPU of programs that are started and end, and the memory of processes while they work.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** Runs a program and gives the CPU that it and its children took, in milliseconds. */
export function cpuOf(
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    // The shell's own `times`: two lines of user and system time, the second that of its children.
    const child = spawn('sh', ['-c', '"$@" || exit 1; times', 'sh', program, ...args], {
      env: { PATH: process.env.PATH ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    let complained = ''
    child.stdout.on('data', (piece: Buffer) => {
      said += piece.toString()
    })
    child.stderr.on('data', (piece: Buffer) => {
      complained += piece.toString()
    })
    child.on('error', reject)
    child.on('close', (code) => {
      const times = [...said.matchAll(/(\d+)m([\d.]+)s/g)].map(
        ([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds),
      )
      if (code !== 0 || times.length < 4)
        return reject(new Error(`${program}: ${complained.trim() || `exit ${code}`}`))
      resolve((times.at(-2)! + times.at(-1)!) * 1000)
    })
  })
}

/** The largest resident memory, by kind of process, of a process and all below it; sampled until stopped. */
export function watchMemory(pid: number, kindOf: (commandLine: string) => string | null) {
  const peaks = new Map<string, number>()
  const sample = () => {
    for (const one of [pid, ...descendants(pid)]) {
      const kind = kindOf(readOr(`/proc/${one}/cmdline`, '').replaceAll('\0', ' '))
      const resident = Number(/VmRSS:\s+(\d+) kB/.exec(readOr(`/proc/${one}/status`, ''))?.[1] ?? 0) * 1024
      if (kind !== null) peaks.set(kind, Math.max(peaks.get(kind) ?? 0, resident))
    }
  }
  const timer = setInterval(sample, 100)
  return {
    stop() {
      clearInterval(timer)
      return peaks
    },
  }
}

function descendants(pid: number): number[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = readOr(`/proc/${name}/stat`, '')
    parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]))
  }
  const found: number[] = []
  for (const [one] of parents) {
    for (let up = parents.get(one); up !== undefined && up > 0; up = parents.get(up)) {
      if (up !== pid) continue
      found.push(one)
      break
    }
  }
  return found
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return otherwise
  }
}
