import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino'
import { createHumanStream } from './log-lines.ts'

export type Log = Logger
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'

export interface LogOptions {
  level: LogLevel
  /** One line for people instead of JSON. */
  human?: boolean
  /** Tests; the default is standard output. */
  destination?: DestinationStream
}

const secretFields = [
  'authorization',
  'cookie',
  'password',
  'currentPassword',
  'newPassword',
  'token',
  'email',
  'login',
  'ownerCode',
  'code',
  'newCode',
  'invitation',
  'challenge',
  'totp',
  'recoveryCode',
  'birthDate',
  'secret',
]

/** The log knows no secrets and no addresses: they are cut here, whatever a caller hands over. */
export function createLog({ level, human = false, destination }: LogOptions): Log {
  const options = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: {
      paths: [
        ...secretFields,
        ...secretFields.map((field) => `*.${field}`),
        ...secretFields.map((field) => `*.*.${field}`),
        'req.headers["set-cookie"]',
        'res.headers["set-cookie"]',
      ],
      censor: (value: unknown, path: string[]) =>
        path.at(-1) === 'code' && isCodeOfError(value) ? value : '[cut]',
    },
  }
  const target = destination ?? standardOutput()
  return pino(options, human ? createHumanStream(target) : target)
}

/** What broke, by its name: ECONNREFUSED, ERR_ASSERTION, 23505. Nothing that people are given looks like that. */
function isCodeOfError(value: unknown): boolean {
  return typeof value === 'string' && /^(?:E[A-Z]{3,}|ERR_[A-Z_]+|[0-9A-Z]{5})$/.test(value)
}

const ignore = () => {}

/** A reader of the log that went away (npm start | head) is no reason to stop. */
function standardOutput(): DestinationStream {
  if (!process.stdout.listeners('error').includes(ignore)) process.stdout.on('error', ignore)
  return process.stdout
}
