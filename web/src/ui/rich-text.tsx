import { Fragment } from 'preact'
import { cutText, type LinkSpan } from '../lib/text-parts.ts'

interface RichTextProps {
  text: string
  entities: readonly LinkSpan[]
  /** Nothing stands beside it in its block, which has `dir="auto"`: its lines begin at its own side. */
  alone?: boolean
}

/** Text with its hashtags, mentions and web addresses as links, in the direction it was written in. */
export function RichText({ text, entities, alone }: RichTextProps) {
  const Around = alone ? Fragment : 'bdi'
  return (
    <Around>
      {cutText(text, entities).map((part, at) => {
        // The parts of one text never move: their place is their identity.
        const key = at
        if (part.kind === 'text') return <Fragment key={key}>{part.text}</Fragment>
        if (part.kind === 'url') {
          return (
            <a
              key={key}
              class="text-link"
              href={part.text}
              target="_blank"
              rel="noopener noreferrer nofollow ugc"
            >
              {part.text.replace(/^https?:\/\//, '')}
            </a>
          )
        }
        const href = part.kind === 'hashtag' ? `/tags/${encodeURIComponent(part.value)}` : `/${part.value}`
        return (
          <a key={key} class="text-link" href={href}>
            {part.text}
          </a>
        )
      })}
    </Around>
  )
}
