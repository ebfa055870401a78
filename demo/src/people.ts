/** Who lives in the demo. None of them is real. */
export interface Person {
  username: string
  fullName: string
  bio: string
  isPrivate?: boolean
}

export const people: readonly Person[] = [
  {
    username: 'ana.lund',
    fullName: 'Ana Lund',
    bio: 'Mountains before breakfast. Film when I can afford it.',
  },
  { username: 'bela_k', fullName: 'Béla Kertész', bio: 'Night trains, wet streets.' },
  { username: 'chioma', fullName: 'Chioma Okafor', bio: 'Gardens and what grows between the stones 🌿' },
  { username: 'dietrich', fullName: 'Dietrich Vogel', bio: 'Flugzeuge von unten, Felder von oben.' },
  { username: 'emi.sato', fullName: '佐藤 恵美', bio: '海と光。Sea and light.' },
  { username: 'farid', fullName: 'Farid Haddad', bio: 'Astrophotography from a very dark roof.' },
  { username: 'greta.m', fullName: 'Greta Meier', bio: 'Wald. Nebel. Kaffee.', isPrivate: true },
  { username: 'hana_b', fullName: 'Hana Beneš', bio: 'I only post on Sundays.' },
  { username: 'ibrahim', fullName: 'إبراهيم منصور', bio: 'صور من الطريق' },
  { username: 'jonas.w', fullName: 'Jonas Wik', bio: 'Long lenses, short captions.' },
  { username: 'kavita', fullName: 'Kavita Rao', bio: 'Coast to coast by bicycle 🚲' },
  { username: 'luis_p', fullName: 'Luís Pereira', bio: 'O mar, sempre.' },
  { username: 'mara', fullName: 'Mara Quinn', bio: 'Cats, mostly. Some weather.' },
  { username: 'nils.eik', fullName: 'Nils Eik', bio: 'Ridge lines.' },
  { username: 'oluwaseun', fullName: 'Oluwaseun Ade', bio: 'City at night, printed large.' },
  { username: 'paula.r', fullName: 'Paula Ruiz', bio: 'Botany teacher. Everything has a Latin name.' },
  { username: 'quentin', fullName: 'Quentin Roy', bio: 'Darkroom on the third floor.', isPrivate: true },
  { username: 'rosa_t', fullName: 'Rosa Tamm', bio: 'Bog walks.' },
  { username: 'sanne', fullName: 'Sanne de Wit', bio: 'Fog is my softbox.' },
  { username: 'tomasz', fullName: 'Tomasz Zając', bio: 'Gdzieś w górach.' },
]

export const places = [
  { name: 'Grindelwald, Switzerland', lat: 46.6242, lng: 8.0414 },
  { name: 'Nazaré, Portugal', lat: 39.6012, lng: -9.0701 },
  { name: 'Harz, Germany', lat: 51.8, lng: 10.62 },
  { name: 'Osaka, Japan', lat: 34.6937, lng: 135.5023 },
  { name: 'Lofoten, Norway', lat: 68.15, lng: 13.99 },
  { name: 'Tatra National Park', lat: 49.25, lng: 19.93 },
  { name: 'The roof of our house' },
] as const

export const openings = [
  'Waited an hour for this one.',
  'First light.',
  'Nobody else was out.',
  'From the walk home.',
  'Same place as last year, other weather.',
  'Almost left the camera at home.',
  'Trying to keep things simple.',
  'One from the archive.',
  'It was much colder than it looks.',
  'Still my favourite corner.',
  'Heute früh.',
  'Took this for the colours.',
] as const

export const remarks = [
  'This light.',
  'Where is this?',
  'I would hang this on my wall.',
  'The quiet in this one.',
  'Which lens did you use?',
  'Wunderschön.',
  'You got up early again.',
  'That sky, though 🔥',
  'Makes me want to go outside.',
  'The second one is even better.',
  'Lovely tones.',
  'I was there last spring, it rained the whole week.',
] as const

export const replies = [
  'Thank you.',
  'Come along next time.',
  'A plain 50 mm.',
  'Danke dir.',
  'It was worth the cold.',
] as const

export const storyWords = [
  'Good morning',
  'Up here nobody calls',
  'Guess where',
  'Last day of the trip',
  'Heute keine Filter',
  'Rain again',
  'The view from breakfast',
] as const

/** Lines in turn, of two who know each other. */
export const chats: readonly (readonly string[])[] = [
  ['Is this the path behind the dam?', 'Yes, and it was empty.', 'Next time call me.', 'I will.'],
  ['Which film was that?', 'The cheap one, two years past its date.', 'It does not look it.'],
  ['Kommst du am Samstag?', 'Wenn es nicht regnet.', 'Es regnet immer.', 'Dann ja.'],
  [
    'May I print this for my mother?',
    'Of course. I will send you the full size.',
    'Thank you, she will be happy.',
  ],
  ['Your fog pictures made me buy boots.', 'Good. Bring a second pair of socks.'],
]

/** Whoever began it, then the others in turn. */
export const groupChat = {
  name: 'Sunday walk',
  lines: ['Who is coming along on Sunday?', 'I am, if we leave early.', 'Seven at the bridge?'],
} as const
