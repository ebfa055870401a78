import { execFile } from 'node:child_process'
import path from 'node:path'
import { StartFault } from './start-fault.mjs'

/**
 * Has the server's own reader look at the settings, so that bad ones are refused before a database is made for them. The
 * reader is TypeScript, which our Node may be too old for: it runs in the server's.
 *
 * @param {{ node: string, root: string, env: NodeJS.ProcessEnv, signal?: AbortSignal }} options
 * @returns {Promise<void>}
 */
export function checkSettings({ node, root, env, signal }) {
  const script = path.join(root, 'server', 'src', 'config', 'check.ts')
  return new Promise((resolve, reject) => {
    execFile(node, [script], { env, signal }, (error, said) => {
      // A check that broke proves nothing: the server reads the settings again and has the last word.
      if (error || said === '') resolve()
      else reject(new StartFault(said))
    })
  })
}
