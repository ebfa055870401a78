import type { RecordAct } from '#modules/audit'
import type { Clock } from '#platform/clock/clock.ts'
import type { Coherence } from '#platform/coherence/coherence.ts'
import type { Database } from '#platform/db/db.ts'
import type { Events } from '#platform/events/events.ts'
import type { Http } from '#platform/http/http.ts'
import type { RateLimits } from '#platform/http/rate-limits.ts'
import type { IdSource } from '#platform/ids/id-source.ts'
import { bucketOf } from '#platform/ids/ids.ts'
import type { Jobs } from '#platform/jobs/jobs.ts'
import type { LiveHub } from '#platform/live/live.ts'
import type { Mailer } from '#platform/mail/mail.ts'
import type { Keys } from '#platform/secrets/secrets.ts'
import type { Log } from '#platform/telemetry/log.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { createAdmin } from './accounts-admin.ts'
import type { AccountsApi } from './accounts-api.ts'
import { createDirectory } from './accounts-directory.ts'
import { defineAccountsJobs } from './accounts-jobs.ts'
import { createAccountsMemory } from './accounts-memory.ts'
import { createAccountsReads } from './accounts-reads.ts'
import { noteLimited, raiseEpoch } from './accounts-repository.ts'
import { mountAccounts } from './accounts-routes.ts'
import type {
  AccountSettings,
  EndSight,
  FactorKeys,
  ForgetPersonal,
  Relations,
  RevokeSight,
  SignAvatar,
} from './accounts-types.ts'
import { createAccountsView } from './accounts-view.ts'
import { createAddressNotices } from './address-notices.ts'
import { createApprovals } from './approvals.ts'
import { createAvatars } from './avatar-service.ts'
import { addCounts } from './counts-repository.ts'
import { createEmails } from './email-service.ts'
import { createErasing } from './erasing.ts'
import { createExportAccount } from './export-account.ts'
import { createExporting } from './exporting.ts'
import { mountInvitations } from './invitations-routes.ts'
import { createInvitations, type Doors } from './invitations-service.ts'
import { createKnownDevices } from './known-devices.ts'
import { createLeaving } from './leaving.ts'
import { createNotificationSettings } from './notification-settings.ts'
import { createOneTimeCodes } from './one-time-codes.ts'
import { createPasswordChanges } from './password-changes.ts'
import { createPasswordSignIn } from './password-sign-in.ts'
import { passwordWork, standIn } from './passwords.ts'
import { createProfiles } from './profile-service.ts'
import { createProofs } from './proof-service.ts'
import { createRecount } from './recount.ts'
import { createResets } from './reset-service.ts'
import { createFactorProofs } from './second-factors/factor-proofs.ts'
import { defineFactorsJobs } from './second-factors/factors-jobs.ts'
import { mountSecondFactors } from './second-factors/factors-routes.ts'
import { createPasskeyChallenges } from './second-factors/passkey-challenges.ts'
import { createResealing } from './second-factors/resealing.ts'
import { createSealedSecrets } from './second-factors/sealed-secrets.ts'
import { createSecondFactors } from './second-factors/second-factors-service.ts'
import { createSecondStep, createSecondStepGate } from './second-factors/second-step.ts'
import { createSecurityNotices } from './security-notices.ts'
import { createSessionTimes } from './session-times.ts'
import { createViewerOf } from './session-viewers.ts'
import { createSessions } from './sessions-service.ts'
import { mountSignIn } from './sign-in-routes.ts'
import { createSignUp } from './sign-up-service.ts'
import { createClientOf, createSignedIn } from './signed-in.ts'
import { createSuspensions } from './suspensions.ts'
import { createTakingBack } from './taking-back.ts'
import { createVerifiedMarks } from './verified-marks.ts'

export type { AccountsApi } from './accounts-api.ts'
export type { Directory, DirectoryFilter, DirectoryRow } from './accounts-directory.ts'
export {
  type AccountState,
  type AccountsEvents,
  type AccountsTables,
  accountsTakesSight,
} from './accounts-tables.ts'
export type {
  AccountListing,
  AccountRow,
  AvatarUrls,
  CountChange,
  CountKind,
  CountRows,
  EraseOf,
  ForgetPersonal,
  Interactions,
  LockedAccount,
  MailRecipient,
  NotificationSettings,
  Preferences,
  Presence,
  RecountReport,
  Relations,
  RevokeSight,
  SignAvatar,
} from './accounts-types.ts'
export { requireAbove } from './acting.ts'
export type {
  ExportedData,
  ExportedMoment,
  ExportedSaying,
  ExportedTalk,
  ExportRoom,
  ExportWish,
} from './exporting.ts'
export type { Suspension } from './suspensions.ts'

export interface AccountsDeps {
  database: Database
  ids: IdSource
  events: Events
  coherence: Pick<Coherence, 'createKept'>
  jobs: Jobs
  clock: Clock
  log: Log
  hub: Pick<LiveHub, 'send' | 'closeSessions' | 'closeAccount'>
  mailer: Pick<Mailer, 'send'>
  signInLimit: RateLimits['failedSignIn']
  /** See platform/secrets; each for one use. */
  factorKeys: FactorKeys
  /** Origin under which people reach this server. */
  publicUrl: string
  /** Without a proven address a person may only look. */
  requireVerifiedEmail: boolean
  /** Make the marks of devices that are known. */
  deviceKeys: Keys
  metrics: Pick<Metrics, 'watch'>
  doors: Doors
  settings: AccountSettings
  record: RecordAct
  relations: Relations
  signAvatar: SignAvatar
  revokeSight: RevokeSight
}

export interface Accounts {
  api: AccountsApi
  routes(http: Http): void
}

export function createAccounts(deps: AccountsDeps): Accounts {
  const { events, hub } = deps
  const view = createAccountsView(deps.signAvatar)
  const codes = createOneTimeCodes(deps)
  const memory = createAccountsMemory(deps)
  const challenges = createPasskeyChallenges({ keys: deps.factorKeys.passkeys, clock: deps.clock })
  const devices = createKnownDevices(deps)
  deps.metrics.watch('heliograph_password_hashes', 'How often this process ran argon2id.', passwordWork)
  const times = createSessionTimes(deps)
  const sessions = createSessions({
    ...deps,
    devices,
    times,
    takeBack: (tx, id) => leaving.takeBack(tx, id),
  })
  const viewerOf = createViewerOf({ ...deps, kept: memory.sessions, times, devices })
  const passwordSignIn = createPasswordSignIn({
    ...deps,
    sessions,
    devices,
    secondStep: createSecondStepGate({ ...deps, challenges }),
  })
  const passwords = createPasswordChanges({ ...deps, sessions, devices, codes })
  const sealed = createSealedSecrets(deps.factorKeys.totp)
  const factorProofs = createFactorProofs({ ...deps, sealed, challenges })
  const factors = createSecondFactors({
    ...deps,
    devices,
    sessions,
    proofs: factorProofs,
    challenges,
    sealed,
  })
  const secondStep = createSecondStep({ ...deps, sessions, devices, proofs: factorProofs })
  const resealing = createResealing({ ...deps, sealed })
  const invitations = createInvitations(deps)
  const signUp = createSignUp({ ...deps, sessions, passwordSignIn, codes, invitations })
  const endSight: EndSight = async (tx, id) => {
    const epoch = await raiseEpoch(tx, id)
    if (epoch === undefined) return
    await deps.revokeSight(tx, { id, sightEpoch: epoch - 1 })
    await events.emit(tx, 'accounts.sight_ended', { bucket: bucketOf(id), subjectId: id, data: { epoch } })
  }
  const suspensions = createSuspensions({ ...deps, sessions, endSight })
  const leaving = createLeaving({ ...deps, setState: suspensions.setState })
  const erasing = createErasing(deps)
  const exporting = createExporting()
  exporting.whenExported(createExportAccount(deps))
  const forgetters: ForgetPersonal[] = []
  const forgetPersonal: ForgetPersonal = async (tx, id) => {
    for (const forget of forgetters) await forget(tx, id)
  }
  const marks = createVerifiedMarks(deps)
  const profiles = createProfiles({
    ...deps,
    view,
    endSight,
    forgetPersonal,
    markLost: marks.lost,
    mayInvite: invitations.mayInvite,
  })
  const addressNotices = createAddressNotices(deps)
  const emails = createEmails({ ...deps, codes, notices: addressNotices })
  const resets = createResets({ ...deps, codes, passwordSignIn, passwords })
  const takingBack = createTakingBack({ ...deps, codes, sessions, devices, leaving })
  const notices = createSecurityNotices({ ...deps, takingBack })
  const approvals = createApprovals(deps)
  defineFactorsJobs({ ...deps, takingBack, resealing, hasOldKey: deps.factorKeys.totp.length > 1 })
  defineAccountsJobs({
    ...deps,
    approvals,
    leaving,
    erasing,
    invitations,
    addressNotices,
    devices,
    emails,
    resets,
    notices,
    sessions,
    codes,
  })

  events.on('accounts.sessions_ended', ({ data }) => hub.closeSessions(data.sessionIds))
  events.on('accounts.profile_changed', ({ subjectId }) => hub.send(subjectId, { type: 'me.changed' }))
  events.on('accounts.privacy_changed', ({ subjectId }) => hub.send(subjectId, { type: 'me.changed' }))
  events.on('accounts.preferences_changed', ({ subjectId }) => hub.send(subjectId, { type: 'me.changed' }))

  const api: AccountsApi = {
    ...createAccountsReads({ ...deps, memory }),
    ...createNotificationSettings(deps),
    whenPersonalisationEnds: (forget) => void forgetters.push(forget),
    resolveUsername: profiles.resolveUsername,
    findVisibleUser: profiles.findVisibleUser,
    presentSummary: view.summary,
    presentListItem: view.listItem,
    presentMe: profiles.presentMe,
    addCounts,
    recount: createRecount(deps),
    endSight,
    noteLimited,
    setVerified: marks.setVerified,
    whenMarkIsLost: marks.whenMarkIsLost,
    sendMail: marks.sendMail,
    ...createAvatars(deps),
    ...suspensions,
    ...createAdmin({ ...deps, passwords, suspensions }),
    directory: createDirectory(deps),
    newOwnerCode: codes.newOwnerCode,
    resetSecondFactors: factors.reset,
    newResetLink: resets.newLink,
    mailResetLink: resets.askFor,
    invitations,
    ...approvals,
    leaving,
    whenErased: erasing.whenErased,
    ...exporting,
    resealing,
  }

  return {
    api,
    routes(http) {
      const clientOf = createClientOf(deps.publicUrl)
      const signedIn = createSignedIn({ ...deps, profiles })
      mountAccounts(http, {
        ...deps,
        signUp,
        sessions,
        viewerOf,
        passwords,
        passwordSignIn,
        devices,
        profiles,
        emails,
        leaving,
        clientOf,
        signedIn,
      })
      mountSecondFactors(http, { factors, secondStep, challenges, clientOf, signedIn })
      void standIn()
      mountInvitations(http, invitations)
      const proofs = createProofs({ ...deps, sessions, factorProofs, secondStep })
      mountSignIn(http, { ...deps, proofs, emails, resets, takingBack, clientOf })
    },
  }
}
