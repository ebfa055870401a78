import type { Catalogue } from '../../lib/i18n/format.ts'
import type { en } from './video-words.en.ts'

export const de: Catalogue<typeof en> = {
  role: 'Videoplayer',
  play: 'Abspielen',
  pause: 'Anhalten',
  playing: 'Läuft',
  paused: 'Angehalten',
  'sound.on': 'Ton einschalten',
  'sound.off': 'Ton ausschalten',
  'sound.isOn': 'Ton an',
  'sound.isOff': 'Ton aus',
  'sound.none': 'Dieses Video hat keinen Ton',
  captions: 'Untertitel',
  'captions.isOn': 'Untertitel an',
  'captions.isOff': 'Untertitel aus',
  'captions.none': 'Dieses Video hat keine Untertitel',
  full: 'Vollbild',
  position: 'Stelle',
  'position.of': '{at} von {length}',
  offline: 'Du bist offline. Das Video läuft, wenn die Verbindung wieder da ist.',
  gone: 'Dieses Video ließ sich nicht abspielen.',
  retry: 'Noch einmal versuchen',
}
