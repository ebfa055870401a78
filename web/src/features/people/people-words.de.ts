import type { Catalogue } from '../../lib/i18n/format.ts'
import type { en } from './people-words.en.ts'

export const de: Catalogue<typeof en> = {
  'suggested.title': 'Vorschläge für dich',
  'suggested.one': 'Gefolgt von {name}',
  'suggested.two': 'Gefolgt von {name} und {other}',
  'suggested.more': {
    one: 'Gefolgt von {name}, {other} und einer weiteren Person',
    other: 'Gefolgt von {name}, {other} und {count} weiteren',
  },
  'suggested.back': 'Folgt dir',
  'suggested.refuse': '{name} nicht mehr vorschlagen',
  'suggested.refused': '{name} wird nicht mehr vorgeschlagen',
  'mute.title': '{name} stummschalten',
  'mute.text': 'Das wird niemandem mitgeteilt.',
  'mute.posts': 'Beiträge',
  'mute.posts.hint': 'Nicht mehr in deinem Feed. Im Profil bleiben sie.',
  'mute.stories': 'Storys',
  'mute.stories.hint': 'Nicht mehr in der Reihe über deinem Feed. Im Profil bleiben sie.',
}
