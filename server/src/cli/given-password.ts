import { randomBytes } from 'node:crypto'
import { Option } from 'commander'
import { CommandFault } from './command-fault.ts'

export interface PasswordOptions {
  password?: string
  passwordStdin?: true
}

export function passwordOption(): Option {
  return new Option(
    '--password <password>',
    'otherwise one is made up and shown; others on this machine can see it among its processes',
  )
}

export function passwordInputOption(): Option {
  return new Option('--password-stdin', 'read it from the first line of what is piped in').conflicts(
    'password',
  )
}

/** Undefined: one is to be made up. */
export async function givenPassword(
  { password, passwordStdin }: PasswordOptions,
  readLine: () => Promise<string>,
): Promise<string | undefined> {
  if (!passwordStdin) return password
  const line = await readLine()
  if (line === '') throw new CommandFault('There was no password in what was piped in.')
  return line
}

export function madeUpPassword(): string {
  return randomBytes(15).toString('base64url')
}
