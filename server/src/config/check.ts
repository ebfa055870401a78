import { ConfigError, loadConfig } from './config.ts'
import { readEnvironment } from './env.ts'

/** Run by the supervisor before it starts anything: says what is wrong with the settings, or nothing. */
try {
  loadConfig(readEnvironment())
} catch (error) {
  if (!(error instanceof ConfigError)) throw error
  process.stdout.write(error.message)
}
