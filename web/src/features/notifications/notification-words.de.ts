import type { Catalogue } from '../../lib/i18n/format.ts'
import type { en } from './notification-words.en.ts'

export const de: Catalogue<typeof en> = {
  title: 'Mitteilungen',
  'section.new': 'Neu',
  'section.earlier': 'Früher',
  'empty.title': 'Noch nichts',
  'empty.text': 'Wenn jemandem dein Beitrag gefällt, jemand darunter schreibt oder dir folgt, steht es hier.',
  'empty.action': 'Ein Foto teilen',
  settings: 'Wähle, wovon du erfährst',
  allRequests: 'Alle Anfragen',
  isNew: 'Neu',
  others: { one: '{name} und {count} weiteren Person', other: '{name} und {count} weiteren' },
  like: { one: '{who} gefällt dein Beitrag', other: 'Dein Beitrag gefällt {who}' },
  comment: { one: '{who} hat kommentiert: {text}', other: 'Kommentare von {who}: {text}' },
  reply: { one: '{who} hat geantwortet: {text}', other: 'Antworten von {who}: {text}' },
  'mention.comment': { one: '{who} hat dich erwähnt: {text}', other: 'Erwähnt von {who}: {text}' },
  'mention.story': {
    one: '{who} hat dich in einer Story erwähnt',
    other: 'In einer Story erwähnt von {who}',
  },
  'mention.post': { one: '{who} hat dich in einem Beitrag erwähnt', other: 'Erwähnt von {who}' },
  follow: { one: '{who} folgt dir jetzt', other: 'Dir wird jetzt gefolgt von {who}' },
  request: { one: '{who} möchte dir folgen', other: 'Anfragen von {who}' },
  accepted: { one: '{who} hat deine Anfrage angenommen', other: 'Angenommen von {who}' },
  story_reaction: {
    one: '{who} hat auf deine Story reagiert',
    other: 'Reaktionen auf deine Story von {who}',
  },
  story_reply: {
    one: '{who} hat auf deine Story geantwortet: {text}',
    other: '{who} haben auf deine Story geantwortet: {text}',
  },
  'story_reply.plain': {
    one: '{who} hat auf deine Story geantwortet',
    other: '{who} haben auf deine Story geantwortet',
  },
  message_request: { one: '{who} möchte dir schreiben', other: 'Nachrichtenanfragen von {who}' },
  'failed.post': 'Dein Beitrag konnte nicht vorbereitet werden. Öffne ihn, um zu sehen, warum',
  'failed.story': 'Deine Story konnte nicht vorbereitet werden. Öffne sie, um zu sehen, warum',
  'decision.post.remove': 'Die Moderation hat deinen Beitrag entfernt',
  'decision.post.sensitive': 'Die Moderation hat deinen Beitrag als sensibel gekennzeichnet',
  'decision.comment.remove': 'Die Moderation hat deinen Kommentar entfernt',
  'decision.story.remove': 'Die Moderation hat deine Story entfernt',
  'decision.message.remove': 'Die Moderation hat eine Nachricht von dir entfernt',
  'decision.account.remove': 'Die Moderation hat dein Konto gesperrt',
  'decision.other': 'Die Moderation hat über etwas von dir entschieden',
  'security.signed_in_anew':
    'Jemand hat sich von einem neuen Gerät bei deinem Konto angemeldet. Warst du das nicht, beende diese Sitzung',
  'security.password_changed': 'Dein Passwort wurde geändert',
  'security.email_changed': 'Deine E-Mail-Adresse wurde geändert',
  'security.second_step_failed': 'Jemand kannte dein Passwort und ist am zweiten Schritt gescheitert',
  'security.totp_on': 'Codes einer App schützen jetzt dein Konto',
  'security.totp_off': 'Codes einer App schützen dein Konto nicht mehr',
  'security.passkey_added': 'Zu deinem Konto kam ein Passkey hinzu',
  'security.passkey_removed': 'Ein Passkey deines Kontos wurde entfernt',
  'security.recovery_codes_made': 'Neue Wiederherstellungscodes wurden erstellt',
  'security.recovery_code_used': 'Ein Wiederherstellungscode wurde benutzt',
  'security.reset': 'Der zweite Schritt deines Kontos wurde entfernt',
  'security.stayed': 'Dein Konto bleibt: Es wird nicht mehr gelöscht',
  'security.export_asked':
    'Eine Kopie von allem, was dir gehört, wurde angefordert. Warst du das nicht, ändere dein Passwort',
  'security.export_ready':
    'Die Kopie von allem, was dir gehört, ist fertig: Du kannst sie 7 Tage lang herunterladen',
  'security.export_failed':
    'Die Kopie von allem, was dir gehört, ist nicht gelungen. Du kannst sie noch einmal anfordern',
  'security.other': 'An der Sicherheit deines Kontos hat sich etwas geändert',
}
