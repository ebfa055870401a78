import { join } from 'node:path'
import type { Command } from 'commander'
import { type KeptMail, listKeptMails } from '#platform/mail/mail.ts'
import { CommandFault } from './command-fault.ts'
import { type Tools, wholeNumber } from './tools.ts'

/** Without SMTP_URL mails are kept in the data folder: here they are read. */
export function addMailCommands(program: Command, { config, printerOf, withApp }: Tools): void {
  const kept = () => listKeptMails(join(config().data.folder, 'mail'))
  const mail = program.command('mail').description('mails that were kept because no SMTP_URL is set')

  mail
    .command('list', { isDefault: true })
    .description('newest first')
    .option('--limit <count>', 'how many at most', wholeNumber, 50)
    .action(async ({ limit }: { limit: number }, command: Command) => {
      const rows = (await kept()).map(({ sentAt, to, subject }, index) => ({
        number: index + 1,
        sentAt,
        to,
        subject,
      }))
      const shown = rows.reverse().slice(0, limit)
      if (shown.length > 0)
        await withApp(({ modules }) =>
          modules.admin.api.operator.noteBegun('account.emails_listed', { mails: shown.length }),
        )
      const printer = printerOf(command)
      printer.rows(shown, 'No mail has been kept.')
      if (rows.length > 0) printer.line('Read one: heliograph mail show <number>')
    })

  mail
    .command('show')
    .description('one mail; without a number the newest')
    .argument('[number]', 'its number in the list', wholeNumber)
    .action(async (number: number | undefined, _options: object, command: Command) => {
      const mails = await kept()
      const found: KeptMail | undefined = mails.at(number === undefined ? -1 : number - 1)
      if (found === undefined) throw new CommandFault('There is no such mail.')
      const { sentAt, to, subject, text } = found
      await withApp(({ modules }) => modules.admin.api.operator.noteMailRead({ subject, sentAt }))
      const printer = printerOf(command)
      if (command.optsWithGlobals().json === true) return printer.facts({ sentAt, to, subject, text })
      printer.facts({ sentAt, to, subject })
      printer.line('')
      for (const line of text.split('\n')) printer.line(line.replace(/\p{Cc}/gu, '·'))
    })
}
