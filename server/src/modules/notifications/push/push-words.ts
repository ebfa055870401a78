import type { Language } from '@heliograph/contract/preferences'
import type { Told } from '../notifications-reading.ts'
import { shorten } from '../notifications-view.ts'

/** One line about what happened. Nothing that anybody wrote is in it. */
export function lineOf(told: Told, language: Language): string {
  const { group, people, peopleCount } = told
  const words = catalogue[language]
  const first = people[0] ? people[0].fullName || `@${people[0].username}` : ''
  const who = peopleCount > 1 ? words.others(first, peopleCount - 1) : first
  const isMany = peopleCount > 1
  switch (group.kind) {
    case 'like':
      return words.like(who)
    case 'comment':
      return words.comment(who, isMany)
    case 'reply':
      return words.reply(who)
    case 'mention':
      return words.mention(who)
    case 'follow':
      return words.follow(who, isMany)
    case 'request':
      return words.request(who)
    case 'accepted':
      return words.accepted(who)
    case 'story_reaction':
      return words.storyReaction(who, isMany)
    case 'story_reply':
      return words.storyReply(who)
    case 'message_request':
      return words.messageRequest(who)
    case 'decision':
      return words.decision
    case 'failed':
      return group.post_id === null ? words.failedStory : words.failedPost
    case 'security':
      return words.security[group.detail ?? ''] ?? words.security.other!
  }
}

/** What somebody wrote, for those who want to read it where others may look on. */
export function textOf({ comment }: Told): string {
  return comment ? shorten(comment.text) : ''
}

/** Where it leads in the web app. */
export function pathOf({ group, people, post, story, reply }: Told): string {
  switch (group.kind) {
    case 'like':
    case 'comment':
    case 'reply':
    case 'mention':
      if (story && people[0]) return `/stories/${people[0].username}`
      return post ? `/p/${post.id}` : '/notifications'
    case 'accepted':
      return people[0] ? `/${people[0].username}` : '/notifications'
    case 'message_request':
      return `/messages/${group.target_id}`
    case 'story_reply':
      return reply ? `/messages/${reply.conversationId}` : '/messages'
    case 'failed':
      if (post) return `/p/${post.id}`
      return story ? `/stories/${story.author.username}` : '/notifications'
    case 'security':
      if (group.detail?.startsWith('verif')) return '/settings/verification'
      return group.detail?.startsWith('export_') ? '/settings/your-data' : '/settings/security'
    default:
      return '/notifications'
  }
}

export function manyLine(count: number, language: Language): string {
  return catalogue[language].many(count)
}

interface Catalogue {
  others(first: string, count: number): string
  like(who: string): string
  comment(who: string, isMany: boolean): string
  reply(who: string): string
  mention(who: string): string
  follow(who: string, isMany: boolean): string
  request(who: string): string
  accepted(who: string): string
  storyReaction(who: string, isMany: boolean): string
  storyReply(who: string): string
  messageRequest(who: string): string
  decision: string
  failedPost: string
  failedStory: string
  security: Record<string, string>
  many(count: number): string
}

const catalogue: Record<Language, Catalogue> = {
  en: {
    others: (first, count) => `${first} and ${count} ${count === 1 ? 'other' : 'others'}`,
    like: (who) => `${who} liked your post`,
    comment: (who) => `${who} commented on your post`,
    reply: (who) => `${who} replied to your comment`,
    mention: (who) => `${who} mentioned you`,
    follow: (who) => `${who} started following you`,
    request: (who) => `${who} asks to follow you`,
    accepted: (who) => `${who} accepted your request`,
    storyReaction: (who) => `${who} reacted to your Story`,
    storyReply: (who) => `${who} replied to your Story`,
    messageRequest: (who) => `${who} would like to write to you`,
    decision: 'A moderator decided about something of yours',
    failedPost: 'A post of yours could not be prepared',
    failedStory: 'A Story of yours could not be prepared',
    security: {
      signed_in_anew: 'Somebody signed in to your account from a new device',
      password_changed: 'Your password was changed',
      email_changed: 'Your e-mail address was changed',
      second_step_failed: 'Somebody knew your password and failed at the second step',
      totp_on: 'Codes of an app now protect your account',
      totp_off: 'Codes of an app no longer protect your account',
      passkey_added: 'A passkey was added to your account',
      passkey_removed: 'A passkey was removed from your account',
      recovery_codes_made: 'New recovery codes were made',
      recovery_code_used: 'A recovery code was used',
      reset: 'The second step of your account was taken away',
      stayed: 'Your account stays: it is no longer being deleted',
      export_asked: 'A copy of everything of yours was asked for',
      export_ready: 'The copy of everything of yours is ready',
      export_failed: 'The copy of everything of yours could not be made',
      verified: 'Your account is verified',
      verification_refused: 'Your request to be verified was not granted',
      verification_revoked: 'Your account is no longer verified',
      other: 'Something about the security of your account changed',
    },
    many: (count) => `${count} new notifications`,
  },
  de: {
    others: (first, count) => `${first} und ${count} ${count === 1 ? 'weitere Person' : 'weitere'}`,
    like: (who) => `${who} gefällt dein Beitrag`,
    comment: (who, isMany) => `${who} ${isMany ? 'haben' : 'hat'} deinen Beitrag kommentiert`,
    reply: (who) => `${who} hat auf deinen Kommentar geantwortet`,
    mention: (who) => `${who} hat dich erwähnt`,
    follow: (who, isMany) => `${who} ${isMany ? 'folgen' : 'folgt'} dir jetzt`,
    request: (who) => `${who} möchte dir folgen`,
    accepted: (who) => `${who} hat deine Anfrage angenommen`,
    storyReaction: (who, isMany) => `${who} ${isMany ? 'haben' : 'hat'} auf deine Story reagiert`,
    storyReply: (who) => `${who} hat auf deine Story geantwortet`,
    messageRequest: (who) => `${who} möchte dir schreiben`,
    decision: 'Die Moderation hat über etwas von dir entschieden',
    failedPost: 'Ein Beitrag von dir konnte nicht vorbereitet werden',
    failedStory: 'Eine Story von dir konnte nicht vorbereitet werden',
    security: {
      signed_in_anew: 'Jemand hat sich von einem neuen Gerät bei deinem Konto angemeldet',
      password_changed: 'Dein Passwort wurde geändert',
      email_changed: 'Deine E-Mail-Adresse wurde geändert',
      second_step_failed: 'Jemand kannte dein Passwort und ist am zweiten Schritt gescheitert',
      totp_on: 'Codes einer App schützen jetzt dein Konto',
      totp_off: 'Codes einer App schützen dein Konto nicht mehr',
      passkey_added: 'Zu deinem Konto kam ein Passkey hinzu',
      passkey_removed: 'Ein Passkey deines Kontos wurde entfernt',
      recovery_codes_made: 'Neue Wiederherstellungscodes wurden erstellt',
      recovery_code_used: 'Ein Wiederherstellungscode wurde benutzt',
      reset: 'Der zweite Schritt deines Kontos wurde entfernt',
      stayed: 'Dein Konto bleibt: Es wird nicht mehr gelöscht',
      export_asked: 'Eine Kopie von allem, was dir gehört, wurde angefordert',
      export_ready: 'Die Kopie von allem, was dir gehört, ist fertig',
      export_failed: 'Die Kopie von allem, was dir gehört, ist nicht gelungen',
      verified: 'Dein Konto ist verifiziert',
      verification_refused: 'Dein Antrag auf Verifizierung wurde nicht angenommen',
      verification_revoked: 'Dein Konto ist nicht mehr verifiziert',
      other: 'An der Sicherheit deines Kontos hat sich etwas geändert',
    },
    many: (count) => `${count} neue Mitteilungen`,
  },
}
