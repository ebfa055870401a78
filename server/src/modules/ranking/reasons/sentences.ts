import type { MediaKind } from '../candidate-columns.ts'

export type ReasonLanguage = 'en' | 'de'

/** Why a post stands where it does, in words, as JSON that is ready to be sent. */
export interface Sentences {
  readonly own: Buffer
  followed(name: string): Buffer
  favourite(name: string): Buffer
  close(name: string): Buffer
  hashtag(tag: string): Buffer
  readonly kinds: Readonly<Record<MediaKind, Buffer>>
  readonly alike: Buffer
  readonly sinceVisit: Buffer
  readonly recent: Buffer
  readonly popular: Buffer
  readonly hour: Buffer
}

/** Of each sentence about somebody or something: the same are said again and again. Some 150 bytes each. */
const keptMax = 2000

const always = (text: string): Buffer => Buffer.from(JSON.stringify(text))

function about(say: (what: string) => string): (what: string) => Buffer {
  let kept = new Map<string, Buffer>()
  return (what) => {
    let said = kept.get(what)
    if (said === undefined) {
      said = always(say(what))
      if (kept.size >= keptMax) kept = new Map()
      kept.set(what, said)
    }
    return said
  }
}

export const sentences: Readonly<Record<ReasonLanguage, Sentences>> = {
  en: {
    own: always('Your own post'),
    followed: about((name) => `You follow ${name}`),
    favourite: about((name) => `${name} is one of your favourites`),
    close: about((name) => `You often respond to ${name}`),
    hashtag: about((tag) => `You like #${tag}`),
    kinds: {
      photo: always('You like photos'),
      carousel: always('You like posts with several pictures'),
      short_video: always('You like short videos'),
      long_video: always('You like long videos'),
    },
    alike: always('Similar to posts you liked'),
    sinceVisit: always('New since your last visit'),
    recent: always('Posted recently'),
    popular: always('Popular with people who saw it'),
    hour: always('Fits what you look at around this time'),
  },
  de: {
    own: always('Dein eigener Beitrag'),
    followed: about((name) => `Du folgst ${name}`),
    favourite: about((name) => `${name} gehört zu deinen Favoriten`),
    close: about((name) => `Du reagierst oft auf ${name}`),
    hashtag: about((tag) => `Du magst #${tag}`),
    kinds: {
      photo: always('Du magst Fotos'),
      carousel: always('Du magst Beiträge mit mehreren Bildern'),
      short_video: always('Du magst kurze Videos'),
      long_video: always('Du magst lange Videos'),
    },
    alike: always('Ähnlich wie Beiträge, die dir gefallen haben'),
    sinceVisit: always('Neu seit deinem letzten Besuch'),
    recent: always('Vor Kurzem geteilt'),
    popular: always('Beliebt bei Leuten, die ihn gesehen haben'),
    hour: always('Passt zu dem, was du um diese Zeit ansiehst'),
  },
}
