import type { Me, MePatch, Relationship, UserListItem, UserProfile } from '@heliograph/contract/accounts'
import { cleanLine } from '@heliograph/contract/clean-text'
import type { Updateable } from 'kysely'
import type { z } from 'zod'
import type { Clock } from '#platform/clock/clock.ts'
import type { Database, Tx } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import { fault } from '#platform/http/fault.ts'
import type { Viewer } from '#platform/http/mount.ts'
import { bucketOf, type Id } from '#platform/ids/ids.ts'
import { cleanBio, needsFactorIn, oldNameMs, oldNamesMax, requireUsername } from './accounts-policy.ts'
import {
  claimUsername,
  findUser,
  findUsernameHolder,
  findUsersByPrefix,
  findUsersNamed,
  listOldNames,
  releaseUsername,
  toAccount,
  type UserRow,
  updateUser,
} from './accounts-repository.ts'
import type { UsersTable } from './accounts-tables.ts'
import type {
  AccountRow,
  AccountSettings,
  EndSight,
  ForgetPersonal,
  Interactions,
  MarkLost,
  Relations,
} from './accounts-types.ts'
import type { AccountsView } from './accounts-view.ts'
import { findCounts, lockCounts } from './counts-repository.ts'
import type { Invitations } from './invitations-service.ts'
import { choicesIn, findChoices, saveChoices } from './preferences-repository.ts'
import { findFactors } from './second-factors/factors-repository.ts'

type Patch = z.output<typeof MePatch>

const completions = 20

export interface Profiles {
  resolveUsername(name: string): Promise<AccountRow | null>
  findVisibleUser(viewer: { id: Id } | null, name: string): Promise<AccountRow>
  presentMe(id: Id): Promise<Me>
  presentProfile(viewer: Viewer | null, name: string): Promise<UserProfile>
  complete(viewer: Viewer, prefix: string): Promise<UserListItem[]>
  change(id: Id, patch: Patch): Promise<void>
}

interface Deps {
  database: Database
  events: Events
  clock: Clock
  relations: Relations
  view: AccountsView
  endSight: EndSight
  forgetPersonal: ForgetPersonal
  markLost: MarkLost
  mayInvite: Invitations['mayInvite']
  settings: AccountSettings
}

export function createProfiles(deps: Deps): Profiles {
  const {
    database,
    events,
    clock,
    relations,
    view,
    endSight,
    forgetPersonal,
    markLost,
    mayInvite,
    settings,
  } = deps
  const resolveUsername: Profiles['resolveUsername'] = async (name) => {
    const username = name.trim().toLowerCase()
    const id = await findUsernameHolder(database.main, username, new Date(clock.now()))
    const user = id === undefined ? undefined : await findUser(database.main, id)
    return user ? toAccount(user) : null
  }

  const findVisibleUser: Profiles['findVisibleUser'] = async (viewer, name) => {
    const account = await resolveUsername(name)
    if (!account || !(await relations.visibleProfiles(viewer, [account.id])).has(account.id))
      throw fault('user.not_found')
    return account
  }

  /** Asked for where it can be so alone: mostly it is only wanted of those with a role, and most people have none. */
  async function lacksFactor({ id, roles }: UserRow): Promise<boolean> {
    if (!needsFactorIn(settings)(roles)) return false
    const { totp, passkey } = await findFactors(database.main, id)
    return !totp && !passkey
  }

  async function relationshipOf(viewer: Viewer | null, id: Id): Promise<Relationship | null> {
    return viewer ? ((await relations.relationships(viewer.id, [id])).get(id) ?? null) : null
  }

  return {
    resolveUsername,
    findVisibleUser,

    async presentMe(id) {
      const [user, counts, followRequestCount, choices, interactions] = await Promise.all([
        findUser(database.main, id),
        findCounts(database.main, id),
        relations.followRequestCount(id),
        findChoices(database.main, id),
        relations.interactionsOf(id),
      ])
      if (!user || !counts) throw fault('user.not_found')
      const isWithout = await lacksFactor(user)
      const rolesRest = isWithout && user.roles.length > 0
      return view.me(user, {
        ...{ counts, followRequestCount, choices, interactions },
        mayInvite: mayInvite({ roles: rolesRest ? [] : user.roles }),
        rolesRest,
        needsFactor: isWithout && settings.requireSecondFactor === 'everybody',
      })
    },

    async presentProfile(viewer, name) {
      const account = await findVisibleUser(viewer, name)
      const [counts, relationship] = await Promise.all([
        findCounts(database.main, account.id),
        relationshipOf(viewer, account.id),
      ])
      if (!counts) throw fault('user.not_found')
      return view.profile(account, counts, relationship)
    },

    /** People one follows first: whoever types a name mostly means one of them. */
    async complete(viewer, prefix) {
      const followees = await relations.followeesOf(viewer.id)
      const [followed, others] = await Promise.all([
        findUsersNamed(database.main, followees, prefix, completions),
        findUsersByPrefix(database.main, prefix, completions * 2),
      ])
      const found = new Map([...followed, ...others].map((user) => [user.id, user]))
      const ids = [...found.keys()]
      const [visible, relationships] = await Promise.all([
        relations.visibleProfiles(viewer, ids),
        relations.relationships(viewer.id, ids),
      ])
      return [...found.values()]
        .filter((user) => visible.has(user.id) && !relationships.get(user.id)?.blocking)
        .slice(0, completions)
        .map((user) => view.listItem(toAccount(user), relationships.get(user.id) ?? null))
    },

    async change(id, patch) {
      const wanted = wantedColumns(patch)
      const choices = choicesIn(patch)
      const interactions = interactionsIn(patch)
      if (Object.keys(wanted).length === 0 && !choices && !interactions) return
      await database.transaction(
        async (tx) => {
          // Whoever follows this account at the same moment waits, and sees it as it is after the change.
          await lockCounts(tx, [id])
          const user = await findUser(tx, id)
          if (!user) throw fault('user.not_found')
          if (choices) await saveChoices(tx, id, choices)
          if (interactions) await relations.saveInteractions(tx, id, interactions)
          await apply(tx, user, wanted, choices !== undefined || interactions !== undefined)
        },
        { by: id },
      )
    },
  }

  async function apply(
    tx: Tx,
    user: UserRow,
    wanted: Updateable<UsersTable>,
    hasChosen: boolean,
  ): Promise<void> {
    const isRenamed = wanted.username !== undefined && wanted.username !== user.username
    const isHidden = wanted.is_private === true && !user.is_private
    const isSwitched = wanted.is_private !== undefined && wanted.is_private !== user.is_private
    if (isRenamed) await rename(tx, user, wanted.username as string)
    const isNamedOtherwise = isRenamed || (wanted.full_name ?? user.full_name) !== user.full_name
    // An admin looked at who carries this name: under another one the mark would say what nobody has looked at.
    const losesMark = user.is_verified && isNamedOtherwise
    if (Object.keys(wanted).length > 0)
      await updateUser(tx, user.id, { ...wanted, ...(losesMark && { is_verified: false }) })
    if (losesMark) await markLost(tx, { id: user.id, username: user.username })
    if (isHidden) await endSight(tx, user.id)
    const about = { bucket: bucketOf(user.id), subjectId: user.id }
    const isShownOtherwise =
      isNamedOtherwise ||
      (wanted.bio ?? user.bio) !== user.bio ||
      (wanted.hide_like_counts ?? user.hide_like_counts) !== user.hide_like_counts
    if (isShownOtherwise)
      await events.emit(tx, 'accounts.profile_changed', { ...about, data: { usernameChanged: isRenamed } })
    const visibleTo = wanted.lists_visible_to ?? user.lists_visible_to
    if (visibleTo !== user.lists_visible_to)
      await events.emit(tx, 'accounts.lists_changed', { ...about, data: { visibleTo } })
    const preferences = [
      'time_zone',
      'language',
      'personalisation',
      'theme',
      'data_saver',
      'feed_mode',
    ] as const
    if (hasChosen || preferences.some((name) => wanted[name] !== undefined && wanted[name] !== user[name]))
      await events.emit(tx, 'accounts.preferences_changed', { ...about, data: {} })
    if (wanted.personalisation === false && user.personalisation) await forgetPersonal(tx, user.id)
    if (isSwitched)
      await events.emit(tx, 'accounts.privacy_changed', { ...about, data: { isPrivate: isHidden } })
  }

  async function rename(tx: Tx, user: UserRow, username: string): Promise<void> {
    const now = new Date(clock.now())
    const oldNames = await listOldNames(tx, user.id, now)
    if (!(await claimUsername(tx, { username, userId: user.id, now }))) throw fault('account.username_taken')
    if (oldNames.length >= oldNamesMax && !oldNames.includes(username))
      throw fault('account.username_changed_recently')
    await releaseUsername(tx, user.username, new Date(clock.now() + oldNameMs))
  }
}

/** Undefined: none of them is named. */
function interactionsIn({
  allowComments,
  allowMentions,
  allowMessages,
}: Patch): Partial<Interactions> | undefined {
  const named = {
    ...(allowComments !== undefined && { comments: allowComments }),
    ...(allowMentions !== undefined && { mentions: allowMentions }),
    ...(allowMessages !== undefined && { messages: allowMessages }),
  }
  return Object.keys(named).length > 0 ? named : undefined
}

function wantedColumns(patch: Patch): Updateable<UsersTable> {
  return {
    ...(patch.username !== undefined && { username: requireUsername(patch.username) }),
    ...(patch.fullName !== undefined && { full_name: cleanLine(patch.fullName) }),
    ...(patch.bio !== undefined && { bio: cleanBio(patch.bio) }),
    ...(patch.isPrivate !== undefined && { is_private: patch.isPrivate }),
    ...(patch.timeZone !== undefined && { time_zone: patch.timeZone }),
    ...(patch.language !== undefined && { language: patch.language }),
    ...(patch.theme !== undefined && { theme: patch.theme }),
    ...(patch.dataSaver !== undefined && { data_saver: patch.dataSaver }),
    ...(patch.personalisation !== undefined && { personalisation: patch.personalisation }),
    ...(patch.hideLikeCounts !== undefined && { hide_like_counts: patch.hideLikeCounts }),
    ...(patch.listsVisibleTo !== undefined && { lists_visible_to: patch.listsVisibleTo }),
    ...(patch.showActivity !== undefined && { show_activity: patch.showActivity }),
    ...(patch.showReadMarks !== undefined && { show_read_marks: patch.showReadMarks }),
    ...(patch.feedMode !== undefined && { feed_mode: patch.feedMode }),
  }
}
