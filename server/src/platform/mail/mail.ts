import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Transporter } from 'nodemailer'
import type { Log } from '#platform/telemetry/log.ts'

export interface Mail {
  to: string
  subject: string
  text: string
}

export interface KeptMail extends Mail {
  sentAt: string
}

export interface Mailer {
  /** Resolves when the mail is handed over: to the SMTP server, or to the folder. */
  send(mail: Mail): Promise<void>
  close(): Promise<void>
}

export interface MailerOptions {
  /** Without it mails are kept as files. */
  smtpUrl: string | null
  from: string
  folder: string
  log: Log
  now?: () => number
}

export function createMailer({ smtpUrl, from, folder, log, now = Date.now }: MailerOptions): Mailer {
  return smtpUrl === null ? createKeepingMailer(folder, log, now) : createSmtpMailer(smtpUrl, from, log)
}

function createSmtpMailer(smtpUrl: string, from: string, log: Log): Mailer {
  let transport: Promise<Transporter> | undefined
  // Read for the first mail: a start need not wait for it.
  const openTransport = async () => {
    const { createTransport } = await import('nodemailer')
    return createTransport({
      url: smtpUrl,
      connectionTimeout: 10_000,
      greetingTimeout: 10_000,
      socketTimeout: 30_000,
    })
  }
  return {
    async send(mail) {
      requireOneLine(mail)
      const to = { name: '', address: mail.to }
      transport ??= openTransport()
      await (await transport).sendMail({ from, to, subject: mail.subject, text: mail.text })
      log.info({ subject: mail.subject }, 'mail sent')
    },
    async close() {
      const opened = await transport
      opened?.close()
    },
  }
}

function createKeepingMailer(folder: string, log: Log, now: () => number): Mailer {
  return {
    async send(mail) {
      requireOneLine(mail)
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const sentAt = new Date(now())
      const name = `${nameAt(sentAt)}-${randomBytes(4).toString('hex')}`
      const draft = join(folder, `${name}.draft`)
      await writeFile(draft, JSON.stringify({ sentAt: sentAt.toISOString(), ...mail } satisfies KeptMail), {
        mode: 0o600,
      })
      await rename(draft, join(folder, `${name}.json`))
      log.info({ subject: mail.subject }, 'mail kept in the data folder: npx heliograph mail')
    },
    async close() {},
  }
}

/** A line break in a header would start another header. */
function requireOneLine(mail: Mail): void {
  if (/[\r\n]/.test(mail.to) || /[\r\n]/.test(mail.subject)) throw new TypeError('a mail header has one line')
}

/** As names begin, so that they stand in the order of their times. */
function nameAt(time: Date): string {
  return time.toISOString().replaceAll(':', '-')
}

/** Links in them have ended long before. */
export const mailsKeptMs = 30 * 24 * 3_600_000

/** What people were written before that, with their names and addresses: they may have left since. How many there were. */
export async function deleteKeptMails(folder: string, before: Date): Promise<number> {
  const names = (await readdir(folder).catch(nothingIfAbsent)).filter((name) => name < nameAt(before))
  for (const name of names) await rm(join(folder, name), { force: true })
  return names.length
}

/** Kept mails, oldest first. */
export async function listKeptMails(folder: string): Promise<KeptMail[]> {
  const names = await readdir(folder).catch(nothingIfAbsent)
  const files = names.filter((name) => name.endsWith('.json')).sort()
  return Promise.all(
    files.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8')) as KeptMail),
  )
}

function nothingIfAbsent(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return []
  throw error
}
