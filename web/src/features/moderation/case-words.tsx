import type { ModerationCase, ModerationFinding } from '@heliograph/contract/moderation'
import { Fragment } from 'preact'
import { cutMarked } from './cut-marked.ts'
import { m } from './moderation-words.ts'

type Field = Extract<ModerationFinding, { kind: 'words' }>['field'] | 'message'

/** What was written, with the words that were noticed marked. */
export function CaseWords({ item }: { item: ModerationCase }) {
  const wordsOf = (field: Field) =>
    item.findings.flatMap((finding) =>
      finding.kind === 'words' && finding.field === field ? finding.words : [],
    )
  const texts: { field: Field; text: string; is?: 'described' }[] = []
  const { post, comment, message, story, author, bio } = item
  if (message) texts.push({ field: 'message', text: message.text })
  if (item.subject === 'comment' && comment) texts.push({ field: 'comment', text: comment.text })
  if (item.subject === 'post' && post) {
    texts.push({ field: 'caption', text: post.caption })
    if (post.place) texts.push({ field: 'place', text: post.place.name })
    for (const { altText } of post.media)
      if (altText) texts.push({ field: 'altText', text: altText, is: 'described' })
  }
  for (const overlay of story?.overlays ?? []) {
    if (overlay.kind === 'text') texts.push({ field: 'caption', text: overlay.text })
    if (overlay.kind === 'hashtag') texts.push({ field: 'caption', text: overlay.tag })
    if (overlay.kind === 'place') texts.push({ field: 'place', text: overlay.name })
  }
  if (story?.altText) texts.push({ field: 'altText', text: story.altText, is: 'described' })
  if (item.subject === 'account') {
    texts.push({ field: 'username', text: author.username }, { field: 'fullName', text: author.fullName })
    texts.push({ field: 'bio', text: bio ?? '' })
  }
  return (
    <>
      {texts
        .filter(({ text }) => text !== '')
        .map(({ field, text, is }, at) => (
          <p key={at} class={is ? 'case-text quiet' : 'case-text'} dir="auto">
            <Marked text={is ? m('alt.of', { text }) : text} words={wordsOf(field)} />
          </p>
        ))}
    </>
  )
}

function Marked({ text, words }: { text: string; words: readonly string[] }) {
  return (
    <>
      {cutMarked(text, words).map(({ text: part, marked }, at) => (
        <Fragment key={at}>{marked ? <mark>{part}</mark> : part}</Fragment>
      ))}
    </>
  )
}
