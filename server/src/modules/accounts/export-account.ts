import { deviceName } from '@heliograph/contract/device-name'
import type { Database } from '#platform/db/db.ts'
import { eachPage } from '#platform/db/each-page.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { findUser, listOldNames } from './accounts-repository.ts'
import type { ExportRoom } from './exporting.ts'
import { findChoices } from './preferences-repository.ts'
import { countRecoveryCodes, findTotp } from './second-factors/factors-repository.ts'
import { listPasskeys } from './second-factors/passkeys-repository.ts'
import type { SessionRow } from './sessions-repository.ts'

const batch = 200

/** Who somebody is here, what they chose, and how they get in; nothing that opens the account. */
export function createExportAccount({ database }: { database: Database }): ExportRoom {
  const db = database.main

  async function account(id: Id): Promise<object> {
    const user = await findUser(db, id)
    if (!user) return {}
    const invited = await db
      .selectFrom('invited')
      .select('invitation_id')
      .where('bucket', '=', bucketOf(id))
      .where('user_id', '=', id)
      .executeTakeFirst()
    return {
      id,
      username: user.username,
      usernamesBefore: await listOldNames(db, id, new Date(0)),
      email: user.email,
      emailVerifiedAt: user.email_verified_at,
      pendingEmail: user.pending_email,
      fullName: user.full_name,
      bio: user.bio,
      isVerified: user.is_verified,
      isPrivate: user.is_private,
      state: user.state,
      roles: user.roles,
      createdAt: user.created_at,
      cameByInvitation: invited !== undefined,
    }
  }

  async function preferences(id: Id): Promise<object> {
    const user = await findUser(db, id)
    return {
      ...(user && {
        language: user.language,
        timeZone: user.time_zone,
        theme: user.theme,
        dataSaver: user.data_saver,
        feedMode: user.feed_mode,
        personalisation: user.personalisation,
        listsVisibleTo: user.lists_visible_to,
        hideLikeCounts: user.hide_like_counts,
        showActivity: user.show_activity,
        showReadMarks: user.show_read_marks,
      }),
      ...(await findChoices(db, id)),
    }
  }

  async function signingIn(id: Id): Promise<object> {
    const at = bucketOf(id)
    const [totp, passkeys, credentials, changes] = [
      await findTotp(db, id),
      await listPasskeys(db, id),
      await db
        .selectFrom('credentials')
        .select('changed_at')
        .where('bucket', '=', at)
        .where('user_id', '=', id)
        .executeTakeFirst(),
      await db
        .selectFrom('email_changes')
        .select(['old_email', 'new_email', 'undo_until'])
        .where('bucket', '=', at)
        .where('user_id', '=', id)
        .execute(),
    ]
    return {
      passwordChangedAt: credentials?.changed_at ?? null,
      appCodesSince: totp?.confirmed_at ?? null,
      recoveryCodesLeft: await countRecoveryCodes(db, id),
      passkeys: passkeys.map(({ name, created_at, last_used_at, is_synced }) => ({
        name,
        createdAt: created_at,
        lastUsedAt: last_used_at,
        isSynced: is_synced,
      })),
      emailChanges: changes.map(({ old_email, new_email, undo_until }) => ({
        from: old_email,
        to: new_email,
        canBeUndoneUntil: undo_until,
      })),
    }
  }

  async function* sessions(id: Id) {
    const read = (last: SessionRow | null) =>
      db
        .selectFrom('sessions')
        .selectAll()
        .where('bucket', '=', bucketOf(id))
        .where('user_id', '=', id)
        .$if(last !== null, (query) => query.where('id', '<', last!.id))
        .orderBy('id', 'desc')
        .limit(batch)
        .execute()
    for await (const rows of eachPage(batch, read))
      for (const row of rows)
        yield {
          device: deviceName(row.user_agent) ?? null,
          userAgent: row.user_agent,
          createdAt: row.created_at,
          lastUsedAt: row.last_used_at,
          provedAt: row.proved_at,
          expiresAt: row.expires_at,
        }
  }

  async function* invitations(id: Id) {
    const rows = await db
      .selectFrom('invitations')
      .select(['note', 'max_uses', 'used', 'created_at', 'expires_at'])
      .where('bucket', '=', bucketOf(id))
      .where('created_by', '=', id)
      .orderBy('id', 'desc')
      .execute()
    for (const row of rows)
      yield {
        note: row.note,
        maxUses: row.max_uses,
        used: row.used,
        createdAt: row.created_at,
        expiresAt: row.expires_at,
      }
  }

  return {
    name: 'account',
    data: ({ id }) => [
      {
        name: 'account',
        about: { en: 'Who you are here.', de: 'Wer du hier bist.' },
        value: () => account(id),
      },
      {
        name: 'preferences',
        about: { en: 'What you chose in the settings.', de: 'Was du in den Einstellungen gewählt hast.' },
        value: () => preferences(id),
      },
      {
        name: 'signing-in',
        about: {
          en: 'By what you sign in; without secrets.',
          de: 'Womit du dich anmeldest, ohne Geheimnisse.',
        },
        value: () => signingIn(id),
      },
      {
        name: 'sessions',
        about: { en: 'Where you are signed in.', de: 'Wo du angemeldet bist.' },
        rows: () => sessions(id),
      },
      {
        name: 'invitations',
        about: { en: 'Invitations that you made.', de: 'Einladungen, die du erstellt hast.' },
        rows: () => invitations(id),
      },
    ],
    async *media({ id }, after) {
      const user = await findUser(db, id)
      if (after === null && user?.avatar_media_id) yield { place: 'picture', ids: [user.avatar_media_id] }
    },
  }
}
