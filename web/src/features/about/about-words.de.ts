import type { Catalogue } from '../../lib/i18n/format.ts'
import type { en } from './about-words.en.ts'

export const de: Catalogue<typeof en> = {
  title: 'Über diesen Server',
  rules: 'Regeln',
  'rules.none': 'Hier ist nichts aufgeschrieben. Sei freundlich.',
  contact: 'Kontakt',
  'contact.none': 'Wer diesen Server betreibt, hat nicht gesagt, wie er zu erreichen ist.',
  joining: 'Mitmachen',
  'joining.open': 'Jeder kann ein Konto anlegen.',
  'joining.approval': 'Jeder kann um ein Konto bitten; wer den Server betreibt, entscheidet.',
  'joining.invitation': 'Für ein Konto braucht es eine Einladung.',
  'joining.closed': 'Zurzeit werden keine neuen Konten angelegt.',
  'joining.age': 'Du musst mindestens {age} Jahre alt sein.',
  languages: 'Sprachen',
  terms: 'Bedingungen',
  software: 'Software',
  'software.version': 'Heliograph {version}, freie Software unter der AGPL-3.0.',
  'software.source': 'Quelltext dessen, was hier läuft',
  'software.ask': 'Wer diesen Server betreibt, gibt dir auf Nachfrage den Quelltext.',
}
