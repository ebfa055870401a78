import { type Command, InvalidArgumentError } from 'commander'
import type { Config } from '#config/config.ts'
import type { Environment } from '#config/env.ts'
import type { App } from '../app.ts'
import type { Printer } from './printer.ts'

/** What each command stands on. */
export interface Tools {
  environment: Environment
  config(): Config
  withApp<T>(work: (app: App) => Promise<T>): Promise<T>
  /** The first line of what is piped in. */
  readLine(): Promise<string>
  /** For the command at hand: it knows whether JSON was asked for. */
  printerOf(command: Command): Printer
}

export function wholeNumber(text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError('a whole number above 0 is needed')
  return number
}
