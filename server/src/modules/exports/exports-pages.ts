import type { ExportedMoment, ExportedSaying } from '#modules/accounts'
import type { MediaFileNames } from '#modules/media'
import { escapeHtml } from '#platform/http/escape-html.ts'
import type { Id } from '#platform/ids/ids.ts'
import { type ExportLanguage, exportWords } from './exports-words.ts'

export interface PageOf {
  username: string
  language: ExportLanguage
  /** In which days and hours are told. */
  timeZone: string
}

/** A page that stands beside the index: what is on it, from when until when. */
export interface ListedPage {
  file: string
  title?: string
  first: Date
  last: Date
  count: number
}

export interface Contents {
  posts: readonly ListedPage[]
  stories: readonly ListedPage[]
  messages: readonly ListedPage[]
  /** Everything else. */
  data: readonly { file: string; about: string }[]
}

type Names = ReadonlyMap<Id, MediaFileNames>

/** A page that needs nothing but the files beside it: no script, no network. */
export function indexPage(of: PageOf, contents: Contents): string {
  const words = exportWords[of.language]
  const lists = (['posts', 'stories', 'messages'] as const).map((name) => {
    const links = contents[name].map((listed) => listItem(of, listed))
    const list = links.length === 0 ? `<p>${words.nothing}</p>` : `<ul>${links.join('\n')}</ul>`
    return `<h2>${words[name]}</h2>${list}`
  })
  const files = contents.data.map(
    ({ file, about }) =>
      `<li><a href="${file}">${file}</a> <span class="facts">${escapeHtml(about)}</span></li>`,
  )
  return page(
    of,
    `<h1>${escapeHtml(words.title(of.username))}</h1>
${lists.join('\n')}
<h2>${words.data}</h2><ul>${files.join('\n')}</ul>
<p><a href="README.txt">README</a></p>`,
  )
}

function listItem(of: PageOf, { file, title, first, last, count }: ListedPage): string {
  const [from, until] = [dayOf(of, first), dayOf(of, last)]
  const days = from === until ? from : `${from} – ${until}`
  const facts = `<span class="facts">${title === undefined ? '' : `${days} · `}${count}</span>`
  return `<li><a href="${file}"><bdi>${escapeHtml(title ?? days)}</bdi></a> ${facts}</li>`
}

export function momentsPage(of: PageOf, moments: readonly ExportedMoment[], names: Names): string {
  const articles = moments.map(({ at, text, where, media }) => {
    const place = where === null ? '' : ` · <bdi>${escapeHtml(where)}</bdi>`
    return `<article>${shownMedia(of, media, names)}<p class="facts">${timeOf(of, at)}${place}</p>${prose(text)}</article>`
  })
  return page(of, `${back(of)}${articles.join('\n')}`)
}

export interface TalkPage {
  title: string
  /** The oldest first, as they are read. */
  sayings: readonly ExportedSaying[]
  older: string | null
  newer: string | null
}

export function talkPage(of: PageOf, { title, sayings, older, newer }: TalkPage, names: Names): string {
  const words = exportWords[of.language]
  const link = (file: string | null, text: string) =>
    file === null ? '' : `<p><a href="${file}">${text}</a></p>\n`
  const articles = sayings.map(({ at, from, isOwn, text, media, notes }) => {
    const name = `<bdi>${escapeHtml(from ?? words.nobody)}</bdi>`
    const beside = notes.map((note) => `<p class="facts" dir="auto">${escapeHtml(note[of.language])}</p>`)
    const said = `${beside.join('')}${text === '' ? '' : prose(text)}${shownMedia(of, media, names)}`
    return `<article class="${isOwn ? 'said own' : 'said'}"><p class="facts"><b>${name}</b> · ${timeOf(of, at)}</p>${said}</article>`
  })
  return page(
    of,
    `${back(of)}<h1><bdi>${escapeHtml(title)}</bdi></h1>
${link(older, words.older)}${articles.join('\n')}
${link(newer, words.newer)}`,
  )
}

const prose = (text: string) => `<p class="text" dir="auto">${escapeHtml(text)}</p>`

const back = ({ language }: PageOf) => `<p><a href="index.html">${exportWords[language].back}</a></p>\n`

function shownMedia({ language }: PageOf, media: ExportedMoment['media'], names: Names): string {
  return media
    .map(({ id, altText }) => shownAs(names.get(id)?.shown ?? null, altText, exportWords[language].isMissing))
    .join('')
}

function shownAs(file: string | null, altText: string, isMissing: string): string {
  if (file === null) return `<p class="facts">${isMissing}</p>`
  const [source, alt] = [escapeHtml(file), escapeHtml(altText)]
  if (file.endsWith('.mp4'))
    return `<video controls preload="metadata" src="${source}" aria-label="${alt}"></video>`
  if (file.endsWith('.m4a')) return `<audio controls preload="metadata" src="${source}"></audio>`
  return `<img loading="lazy" src="${source}" alt="${alt}">`
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** Made once: a page has hundreds of times on it. */
function formatOf({ language, timeZone }: PageOf, timeStyle: 'short' | undefined): Intl.DateTimeFormat {
  const key = `${language} ${timeZone} ${timeStyle}`
  const known = formats.get(key)
  if (known) return known
  const locale = language === 'en' ? 'en-GB' : language
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle, timeZone })
  formats.set(key, format)
  return format
}

function dayOf(of: PageOf, at: Date): string {
  return formatOf(of, undefined).format(at)
}

function timeOf(of: PageOf, at: Date): string {
  return `<time datetime="${at.toISOString()}">${formatOf(of, 'short').format(at)}</time>`
}

function page({ username, language }: PageOf, body: string): string {
  return `<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="script-src 'none'; object-src 'none'; frame-src 'none'; connect-src 'none'">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(exportWords[language].title(username))}</title>
<style>${style}</style>
<body>
${body}
</body>
</html>
`
}

const style = `:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:1.5rem auto;padding:0 1rem}
article{margin:0 0 2.5rem}
img,video,audio{display:block;width:100%;height:auto;margin:0 0 .5rem;border-radius:.5rem}
audio{height:3rem}
li{margin:.25rem 0;overflow-wrap:anywhere}
.said{margin:0 3rem .75rem 0;padding:.5rem .75rem;border-radius:.875rem;background:color-mix(in srgb,CanvasText 7%,Canvas)}
.own{margin:0 0 .75rem 3rem;background:color-mix(in srgb,CanvasText 14%,Canvas)}
.facts{color:color-mix(in srgb,CanvasText 65%,Canvas);margin:0;font-size:.875rem}
.text{white-space:pre-wrap;overflow-wrap:anywhere;margin:.25rem 0}
a{color:LinkText}`
