import type { Catalogue } from '../../lib/i18n/format.ts'
import type { en } from './second-step-words.en.ts'

export const de: Catalogue<typeof en> = {
  title: 'Noch ein Schritt',
  'passkey.text': 'Dein Passwort stimmt. Zeige jetzt deinen Passkey.',
  'passkey.go': 'Passkey verwenden',
  'passkey.instead': 'Passkey verwenden',
  'totp.text': 'Dein Passwort stimmt. Jetzt der Code, den deine App zeigt.',
  'totp.label': 'Code aus deiner App',
  'totp.instead': 'Code aus der App verwenden',
  'recovery.text': 'Einer der zehn Codes, die du aufbewahrt hast. Jeder gilt einmal.',
  'recovery.label': 'Wiederherstellungscode',
  'recovery.instead': 'Wiederherstellungscode verwenden',
  go: 'Anmelden',
  back: 'Von vorn beginnen',
}
