import { sql } from 'kysely'
import type { AccountsApi, MailRecipient } from '#modules/accounts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database } from '#platform/db/db.ts'
import { bucketOf, compareIds, type Id, minIdAt } from '#platform/ids/ids.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import type { Mail } from '#platform/mail/mail.ts'
import type { NotificationsList } from './notifications-list.ts'
import type { Told } from './notifications-reading.ts'
import { findMarks } from './notifications-repository.ts'
import { lineOf, manyLine } from './push/push-words.ts'
import { localMinutes } from './push/quiet-hours.ts'

interface Deps {
  database: Database
  jobs: Jobs
  clock: Clock
  accounts: Pick<AccountsApi, 'wantingDigest' | 'notificationSettingsOf' | 'sendMail'>
  list: Pick<NotificationsList, 'since'>
  publicUrl: string
}

const hourMs = 3_600_000
/** Of the day by the person's clock. */
const sentAtHour = 9
const linesShown = 10
/** A little less than the days themselves, so that the hour stays the same. */
const apartMs = { daily: 20 * hourMs, weekly: 6.5 * 24 * hourMs }

/** What was not looked at, in one mail; off unless somebody asks for it. */
export function defineDigest(deps: Deps): void {
  const { jobs, clock, accounts } = deps
  const name = 'notifications.mail_digest'
  jobs.define<{ userId: Id }>(name, {
    lane: 'default',
    maxAttempts: 8,
    run: ({ userId }) => mailDigest(deps, userId, clock.now()),
  })
  jobs.every('notifications.digests', '7 * * * *', async () => {
    for await (const people of accounts.wantingDigest()) {
      const due = people.filter(
        ({ timeZone }) => Math.floor(localMinutes(timeZone, clock.now()) / 60) === sentAtHour,
      )
      await jobs.enqueueMissing(
        due.map(({ id }) => ({ name, payload: { userId: id }, options: { key: `${name}:${id}` } })),
      )
    }
  })
}

async function mailDigest(deps: Deps, userId: Id, now: number): Promise<void> {
  const { database, accounts, list, publicUrl } = deps
  const settings = (await accounts.notificationSettingsOf([userId])).get(userId)
  if (!settings?.isActive || settings.digest === 'off') return
  const { seen_id, digest_at } = await findMarks(database.main, userId)
  const every = apartMs[settings.digest]
  if (digest_at && now - digest_at.getTime() < every) return
  const since = minIdAt(digest_at?.getTime() ?? now - every)
  const told = await list.since({ id: userId }, compareIds(seen_id, since) > 0 ? seen_id : since)
  // Noted first, as a mail cannot be taken back: a crash in between leaves out one mail, and never sends one twice.
  if (!(await noteDigest(database, userId, { from: digest_at, to: new Date(now) }))) return
  if (told.length === 0) return
  try {
    await accounts.sendMail(userId, (to) => digestMail(to, told, publicUrl))
  } catch (error) {
    await noteDigest(database, userId, { from: new Date(now), to: digest_at })
    throw error
  }
}

/** False: another one was quicker. */
async function noteDigest(
  { main }: Database,
  userId: Id,
  { from, to }: { from: Date | null; to: Date | null },
): Promise<boolean> {
  const noted = await sql`
    insert into notification_marks as m (bucket, user_id, digest_at) values (${bucketOf(userId)}, ${userId}, ${to})
    on conflict (bucket, user_id) do update set digest_at = excluded.digest_at
    where m.digest_at is not distinct from ${from}
    returning m.user_id
  `.execute(main)
  return noted.rows.length > 0
}

/** Who did what; what they wrote is read in the app. */
function digestMail(
  { email, username, language }: MailRecipient,
  told: readonly Told[],
  publicUrl: string,
): Mail {
  const lines = told.slice(0, linesShown).map((one) => `– ${lineOf(one, language)}`)
  if (told.length > lines.length) lines.push('– …')
  const words = {
    en: {
      subject: manyLine(told.length, 'en'),
      text: `Hello @${username},

since you looked last:

${lines.join('\n')}

${publicUrl}/notifications

You asked for this mail; you can end it here: ${publicUrl}/settings/notifications
`,
    },
    de: {
      subject: manyLine(told.length, 'de'),
      text: `Hallo @${username},

seit du zuletzt nachgesehen hast:

${lines.join('\n')}

${publicUrl}/notifications

Du hast um diese Mail gebeten; hier kannst du sie abbestellen: ${publicUrl}/settings/notifications
`,
    },
  }
  return { to: email, ...words[language] }
}
