import { limits } from './limits.ts'

/** Names that are addresses of the site, or that people would take for its operators. */
const reserved = new Set(
  `about account accounts activity admin administrator api app apps assets auth blog business careers cdn
  contact copyright dashboard developer developers direct direct_messages discover docs download edit
  everyone explore export favicon.ico feed feedback followers following forgot guidelines hashtag healthz help
  heliograph home import inbox info instance invite invites jobs legal likes live login logout m mail mailer-daemon
  manifest.json media me messages metrics moderation moderator moderators mute new news noreply notifications
  null oauth official owner p password places postmaster press privacy profile public readyz register report
  requests reset robots.txt root rules saved search security session sessions settings setup share sign_in
  sign_out sign_up signin signout signup site staff static status stories support sw.js system tag tags team
  terms trust undefined upload uploads user users verification verified verify videos waiting web webmaster welcome well-known
  www`
    .split(/\s+/)
    .filter(Boolean),
)

const shape = new RegExp(`^(?!\\.)(?!.*\\.\\.)[a-z0-9_.]{1,${limits.usernameLength}}(?<!\\.)$`)

/** Stored and compared form. */
export function normalizeUsername(name: string): string {
  return name.trim().toLowerCase()
}

/** 1–30 of `a-z 0-9 _ .`, no leading, trailing or double dot. */
export function isWellFormedUsername(name: string): boolean {
  return shape.test(name)
}

export function isReservedUsername(name: string): boolean {
  return reserved.has(name)
}
