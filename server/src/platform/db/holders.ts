import { randomBytes } from 'node:crypto'
import { readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/**
 * Who holds a lease: host, process and a random part. A lease normally ends by its time; when the holder ran on this
 * very host and its process is gone, nobody needs to wait for that (a restart after kill -9 goes on at once).
 */
export function createHolder(): string {
  const holder = `${hostIdentity()}|${process.pid}|${randomBytes(6).toString('hex')}`
  living.add(holder)
  return holder
}

/** It holds nothing any more. */
export function endHolder(holder: string): void {
  living.delete(holder)
}

/** Of this very process; an earlier one may have had the same number. */
const living = new Set<string>()

/** True only when it is certain; a holder of another host is never dead for us. */
export function isHolderDead(holder: string): boolean {
  const [host, pid] = holder.split('|')
  if (host !== hostIdentity()) return false
  if (Number(pid) === process.pid) return !living.has(holder)
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

let identity: string | undefined

/** Two containers may share a host name, but never a process namespace. */
function hostIdentity(): string {
  identity ??= `${hostname()}/${processNamespace()}`
  return identity
}

function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return 'all'
  }
}
