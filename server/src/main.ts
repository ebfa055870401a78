import { setFlagsFromString } from 'node:v8'
import { ConfigError, loadConfig } from '#config/config.ts'
import { readEnvironment } from '#config/env.ts'
import { StoreSetupError } from '#platform/blobs/store-setup-error.ts'
import { MigrationError } from '#platform/db/migrate.ts'
import { ProcessesError } from '#platform/processes/processes.ts'
import { SecretsChangedError } from '#platform/secrets/secrets.ts'
import { createLog } from '#platform/telemetry/log.ts'
import { type App, createApp } from './app.ts'

/** Tells the supervisor that starting again would not help. */
const faultExitCode = 78

// V8 guesses from what survives while memory fills which objects will live long, and then makes all of their kind where only
// a full collection finds them again: of a page of the feed 11 kB, and a full collection costs it 25 µs.
setFlagsFromString('--no-allocation-site-pretenuring')
// Photographs, mails and secrets are for the user that runs the server, whatever else lives on the machine.
process.umask(0o077)
await main()

async function main(): Promise<void> {
  try {
    const config = loadConfig(readEnvironment())
    const log = createLog(config.log)
    const app = await createApp({ config, log })
    stopWhenAsked(app)
    const port = await app.start()
    const serves = config.roles.includes('web')
    const ownerCode = serves ? await app.modules.accounts.api.newOwnerCode() : null
    await tell({
      type: 'ready',
      serves,
      url: serves && config.http.port === port ? config.http.publicUrl : `http://localhost:${port}`,
      ...(ownerCode === null ? {} : { ownerLink: `${config.http.publicUrl}/welcome#code=${ownerCode}` }),
    })
  } catch (error) {
    const sentence = sentenceFor(error)
    if (sentence === null) throw error
    await tell({ type: 'fault', sentence })
    // What was opened on the way here, a connection to the database for one, would keep the process standing about.
    process.exit(faultExitCode)
  }
}

/** What the operator can mend; everything else is a bug or passes, and the supervisor tries again. */
function sentenceFor(error: unknown): string | null {
  const isOurs =
    error instanceof ConfigError ||
    error instanceof MigrationError ||
    error instanceof StoreSetupError ||
    error instanceof ProcessesError ||
    error instanceof SecretsChangedError
  if (isOurs) return error.message
  if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE')
    return 'The port is taken by another program. Choose another one with PORT, for example: PORT=3001 npm start'
  return null
}

type Message =
  | { type: 'ready'; serves: boolean; url: string; ownerLink?: string }
  | { type: 'fault'; sentence: string }

/** Resolves when it was handed over. */
function tell(message: Message): Promise<void> {
  const line = `${message.type === 'ready' ? `Ready at ${message.url}` : message.sentence}\n`
  return new Promise((resolve) => {
    if (process.send) process.send(message, undefined, undefined, () => resolve())
    else process.stdout.write(line, () => resolve())
  })
}

/** Once: when told to, on a signal, or when the supervisor is gone. */
function stopWhenAsked(app: App): void {
  let stopping = false
  const stop = async () => {
    if (stopping) return
    stopping = true
    await app.stop()
    if (process.connected) process.disconnect()
  }
  process.on('message', (message: { type?: string }) => {
    if (message.type === 'stop') void stop()
  })
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  process.on('disconnect', stop)
}
