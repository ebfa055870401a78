import { ConfigError } from '#config/config.ts'
import { readEnvironment } from '#config/env.ts'
import { StoreSetupError } from '#platform/blobs/store-setup-error.ts'
import { isFault } from '#platform/http/fault.ts'
import { CommandFault } from './command-fault.ts'
import { createProgram } from './program.ts'

/** `npx heliograph …`: the launcher has found Node and the database, and hands both over. */
try {
  const program = createProgram({
    environment: readEnvironment(),
    write: (text) => process.stdout.write(text),
  })
  await program.parseAsync(process.argv)
} catch (error) {
  const isOurs =
    error instanceof ConfigError || error instanceof CommandFault || error instanceof StoreSetupError
  if (!isOurs && !isFault(error)) throw error
  const detail = isFault(error)
    ? (error.detail ?? error.errors?.map(({ path, message }) => `${path} ${message}`))
    : ''
  process.stderr.write(`${error.message}${detail ? ` ${detail}` : ''}\n`)
  process.exitCode = 1
}
