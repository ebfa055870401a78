// Loaded into a measured process with `--import`: answers what CPU it has used so far, and what memory it holds.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

process.on('message', (message: { type?: string }) => {
  if (message.type === 'cpu') {
    const { user, system } = process.cpuUsage()
    process.send?.({ type: 'cpu', milliseconds: (user + system) / 1000 })
  }
  if (message.type === 'memory') {
    collect()
    const { rss, heapUsed, external } = process.memoryUsage()
    process.send?.({ type: 'memory', rss, used: heapUsed + external })
  }
})

/** Twice, so that what finalizers let go of is gone as well. */
function collect(): void {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  gc()
  gc()
}
