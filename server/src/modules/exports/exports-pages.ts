import type { ExportedMoment } from '#modules/accounts'
import type { MediaFileNames } from '#modules/media'
import { escapeHtml } from '#platform/http/escape-html.ts'
import type { Id } from '#platform/ids/ids.ts'
import { type ExportLanguage, exportWords } from './exports-words.ts'

export interface PageOf {
  username: string
  language: ExportLanguage
}

/** A page that needs nothing but the files beside it: no script, no network. */
export function indexPage(
  of: PageOf,
  rooms: readonly { name: 'posts' | 'stories'; pages: number }[],
): string {
  const words = exportWords[of.language]
  const lists = rooms.map(({ name, pages }) => {
    const links = Array.from(
      { length: pages },
      (_, at) => `<li><a href="${name}-${at + 1}.html">${words.page(at + 1)}</a></li>`,
    )
    const list = pages === 0 ? `<p>${words.nothing}</p>` : `<ul>${links.join('')}</ul>`
    return `<h2>${words[name]}</h2>${list}`
  })
  return page(
    of,
    `<h1>${escapeHtml(words.title(of.username))}</h1>${lists.join('')}<p><a href="README.txt">README</a></p>`,
  )
}

export function momentsPage(
  of: PageOf,
  moments: readonly ExportedMoment[],
  names: ReadonlyMap<Id, MediaFileNames>,
): string {
  const words = exportWords[of.language]
  const articles = moments.map(({ at, text, where, media }) => {
    const shown = media.map((item) =>
      shownAs(names.get(item.id)?.shown ?? null, item.altText, words.isMissing),
    )
    const place = where === null ? '' : ` · ${escapeHtml(where)}`
    const time = `<time datetime="${at.toISOString()}">${at.toISOString().slice(0, 16).replace('T', ' ')}</time>`
    return `<article>${shown.join('')}<p class="facts">${time}${place}</p><p class="text" dir="auto">${escapeHtml(text)}</p></article>`
  })
  return page(of, `<p><a href="index.html">${words.back}</a></p>${articles.join('\n')}`)
}

function shownAs(file: string | null, altText: string, isMissing: string): string {
  if (file === null) return `<p class="facts">${isMissing}</p>`
  const [source, alt] = [escapeHtml(file), escapeHtml(altText)]
  return file.endsWith('.mp4')
    ? `<video controls preload="metadata" src="${source}" aria-label="${alt}"></video>`
    : `<img loading="lazy" src="${source}" alt="${alt}">`
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
img,video{display:block;width:100%;height:auto;margin:0 0 .5rem;border-radius:.5rem}
.facts{color:GrayText;margin:0;font-size:.875rem}
.text{white-space:pre-wrap;overflow-wrap:anywhere;margin:.25rem 0}
a{color:LinkText}`
