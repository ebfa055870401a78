import type { Interests } from '@heliograph/contract/signals'
import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import { dateLocale } from '../../lib/i18n.ts'
import { Meter } from '../../ui/meter.tsx'
import { w } from './settings-words.ts'

/** Of each list the strongest: the rest is noise that looks like knowledge. */
const shownMax = 8
/** An hour stands out when it has twice its share of the day. */
const oftenShare = 2 / 24

export function hasLearned({ people, hashtags, places, words, media }: Interests): boolean {
  return [people, hashtags, places, words].some((list) => list.length > 0) || differ(media)
}

/** Kinds are always all there; liked all alike they say nothing. */
function differ(media: Interests['media']): boolean {
  return media.some(({ strength }) => strength !== media[0]?.strength)
}

/** What the feed makes of what was looked at, in words and bars. */
export function Learned({ interests }: { interests: Interests }) {
  const { people, hashtags, places, words, media } = interests
  return (
    <>
      <List title={w('personal.people')}>
        {people.slice(0, shownMax).map(({ user, strength }) => (
          <Line key={user.id} href={`/${user.username}`} name={user.username} strength={strength} />
        ))}
      </List>
      <List title={w('personal.hashtags')}>
        {hashtags.slice(0, shownMax).map(({ name, strength }) => (
          <Line key={name} href={`/tags/${encodeURIComponent(name)}`} name={`#${name}`} strength={strength} />
        ))}
      </List>
      <List title={w('personal.places')}>
        {places.slice(0, shownMax).map(({ name, strength }) => (
          <Line key={name} name={name} strength={strength} />
        ))}
      </List>
      <List title={w('personal.words')}>
        {words.slice(0, shownMax).map(({ name, strength }) => (
          <Line key={name} name={name} strength={strength} />
        ))}
      </List>
      <List title={w('personal.media')}>
        {(differ(media) ? media : []).map(({ kind, strength }) => (
          <Line key={kind} name={w(`personal.media.${kind}`)} strength={strength} />
        ))}
      </List>
      <Rhythm interests={interests} />
    </>
  )
}

function List({ title, children }: { title: string; children: ComponentChildren[] }) {
  if (children.length === 0) return null
  return (
    <section class="settings-section">
      <h2>{title}</h2>
      <ul>{children}</ul>
    </section>
  )
}

function Line({ name, strength, href }: { name: string; strength: number; href?: string }) {
  const id = useId()
  return (
    <li class="learned-line">
      <span id={id} class="learned-name">
        {href ? <a href={href}>{name}</a> : name}
      </span>
      <Meter labelledBy={id} value={strength} />
    </li>
  )
}

function Rhythm({ interests }: { interests: Interests }) {
  const { hours, usualSessionSeconds, usualHoursBetweenSessions } = interests
  const often = hours.flatMap((share, hour) => (share >= oftenShare ? [hour] : []))
  const lines = [
    ...(often.length > 0 && often.length <= 6
      ? [w('personal.rhythm.hours', { hours: often.map(clock).join(', ') })]
      : []),
    ...(usualSessionSeconds === null
      ? []
      : [w('personal.rhythm.session', { count: Math.max(1, Math.round(usualSessionSeconds / 60)) })]),
    ...(usualHoursBetweenSessions === null
      ? []
      : [w('personal.rhythm.gap', { count: Math.max(1, Math.round(usualHoursBetweenSessions)) })]),
  ]
  if (lines.length === 0) return null
  return (
    <section class="settings-section">
      <h2>{w('personal.rhythm')}</h2>
      {lines.map((line) => (
        <p class="settings-row" key={line}>
          {line}
        </p>
      ))}
    </section>
  )
}

function clock(hour: number): string {
  return new Intl.DateTimeFormat(dateLocale(), { hour: 'numeric', minute: '2-digit' }).format(
    new Date(2024, 0, 1, hour),
  )
}
