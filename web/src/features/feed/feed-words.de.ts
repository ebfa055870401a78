import type { Catalogue } from '../../lib/i18n/format.ts'
import type { en } from './feed-words.en.ts'

export const de: Catalogue<typeof en> = {
  'keys.title': 'Tastenkürzel',
  'keys.next': 'Nächster Beitrag',
  'keys.previous': 'Vorheriger Beitrag',
  'keys.page': 'Ebenso, solange ein Beitrag den Fokus hat',
  'keys.refresh': 'Feed neu lesen',
  'keys.explain': 'Diese Liste zeigen',
  'keys.pageDown': 'Bild ab',
  'keys.pageUp': 'Bild auf',
  'keys.letters': 'Einzelne Buchstaben',
  'keys.letters.hint': 'Schalte J, K und R aus, wenn sie dir im Weg sind. Gilt auf diesem Gerät.',
  'why.title': 'Warum du das siehst',
  'why.parts': 'Wie sehr das jeweils für diesen Beitrag sprach:',
  'why.less': 'Weniger davon zeigen',
  'why.settings': 'Was der Feed über dich weiß',
  'part.relationship': 'Du und {name}',
  'part.relationship.hint': 'Wie oft ihr aufeinander reagiert und euch besucht, und ob es ein Favorit ist.',
  'part.interest': 'Deine Interessen',
  'part.interest.hint': 'Hashtags, Orte, Wörter und Arten von Bildern, die du magst.',
  'part.recency': 'Wie neu es ist',
  'part.recency.hint': 'Gemessen daran, wie oft du vorbeischaust.',
  'part.quality': 'Was andere daraus gemacht haben',
  'part.quality.hint': 'Likes, Kommentare und Blicke, verglichen damit, wie oft es gezeigt wurde.',
  'part.activity': 'Deine Gewohnheiten',
  'part.activity.hint':
    'Ob es zu dieser Stunde passt, zu deinem üblichen Besuch und dazu, wie du Likes gibst.',
}
