import type { Catalogue } from '../../lib/i18n/format.ts'
import type { en } from './door-words.en.ts'

export const de: Catalogue<typeof en> = {
  'forgot.title': 'Ein neues Passwort',
  'forgot.text': 'Sag, wer du bist, und ein Link geht an die E-Mail-Adresse dieses Kontos.',
  'forgot.go': 'Link senden',
  'forgot.sent.title': 'Sieh in deine Mails',
  'forgot.sent.text':
    'Gibt es so ein Konto mit bestätigter Adresse, dann ist ein Link unterwegs. Er gilt eine Stunde. Kommt keiner, dann helfen die, die diesen Server betreiben.',
  'reset.title': 'Neues Passwort setzen',
  'reset.text': 'Du wirst überall abgemeldet und meldest dich mit dem neuen an.',
  'reset.field': 'Neues Passwort',
  'reset.go': 'Passwort setzen',
  'reset.done.title': 'Dein Passwort ist gesetzt',
  'reset.done.text': 'Melde dich jetzt damit an.',
  'undo.title': 'Deine Adresse zurückholen?',
  'undo.text':
    'Die E-Mail-Adresse, an die dieser Link ging, wird wieder die des Kontos, und alle Geräte werden abgemeldet. Danach setzt du ein neues Passwort.',
  'undo.go': 'Zurückholen',
  'undo.factor.title': 'Dein Konto zurückholen?',
  'undo.factor.text':
    'Passkeys, Codes einer App und Wiederherstellungscodes, die seit dem Tag vor der Mail zum Konto kamen, werden entfernt, eine geänderte Adresse wird wiederhergestellt, und alle Geräte werden abgemeldet. Wird das Konto gerade gelöscht, dann bleibt es. Danach setzt du ein neues Passwort.',
  'undo.factor.go': 'Zurückholen',
  'link.none.title': 'Dieser Link ist nicht vollständig',
  'link.none.text': 'Öffne ihn so, wie er in der Mail steht, oder fordere einen neuen an.',
  'link.new': 'Neuen Link anfordern',
  'waiting.title': 'Dein Konto ist angelegt',
  'waiting.text':
    'Wer diesen Server betreibt, lässt die Leute einzeln herein. Du bekommst eine Mail, wenn dein Konto offen ist; bestätige bis dahin deine Adresse mit dem Link, der dir geschickt wurde.',
  'closed.title': 'Keine neuen Konten',
  'closed.text': 'Dieser Server nimmt zurzeit niemanden neu auf.',
  'invited.title': 'Mit Einladung',
  'invited.text': 'Ein Konto gibt es hier mit einer Einladung. Frag jemanden, der schon da ist.',
  'approval.lead':
    'Wer diesen Server betreibt, lässt Menschen einzeln herein und schreibt dir, wenn du dabei bist.',
  rules: 'Was hier gilt',
  'rules.agree': 'Wenn du ein Konto anlegst, sagst du zu, dich daran zu halten.',
  terms: 'Bedingungen lesen',
  'terms.agree': 'Wenn du ein Konto anlegst, stimmst du den Bedingungen dieses Servers zu.',
  'birth.label': 'Geburtsdatum',
  'birth.hint': 'Du musst {age} Jahre alt sein. Das Datum wird nur angesehen und nicht behalten.',
}
