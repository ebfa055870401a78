import type { Catalogue } from '../../lib/i18n/format.ts'
import type { en } from './report-words.en.ts'

export const de: Catalogue<typeof en> = {
  'title.post': 'Diesen Beitrag melden',
  'title.message': 'Diese Nachricht melden',
  'title.comment': 'Diesen Kommentar melden',
  'title.account': '{name} melden',
  why: 'Was ist damit nicht in Ordnung?',
  'why.account': 'Was ist mit diesem Konto nicht in Ordnung?',
  nudity: 'Nacktheit oder Sex',
  violence: 'Gewalt oder Grausamkeit',
  hate: 'Hass auf eine Gruppe von Menschen',
  harassment: 'Mobbing oder Belästigung',
  self_harm: 'Suizid oder Selbstverletzung',
  spam: 'Spam',
  scam: 'Betrug',
  impersonation: 'Gibt sich für jemand anderen aus',
  rights: 'Meine Rechte, etwa mein Foto',
  other: 'Etwas anderes',
  note: 'Was sollte die Moderation wissen? (freiwillig)',
  hint: 'Die Moderation dieses Servers liest es. {name} erfährt nicht, dass du gemeldet hast.',
  choose: 'Wähle aus, was nicht in Ordnung ist.',
  send: 'Melden',
  'thanks.title': 'Danke',
  'thanks.text': 'Die Moderation sieht es sich an. Mehr musst du nicht tun.',
  block: '{name} auch blockieren',
  'block.hint': 'Ihr seht dann nichts mehr voneinander.',
}
