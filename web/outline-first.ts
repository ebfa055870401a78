import { readFile } from 'node:fs/promises'
import type { Plugin } from 'vite'

/** What the outline of the app is drawn with; the large sheet builds on the same tokens. */
const sheets = ['/src/ui/tokens.css', '/src/shell/outline.css']

/**
 * On a slow line the large sheet and the scripts take seconds. The outline that index.html holds has a small sheet of its
 * own in the head, and the large one follows behind it, where it keeps the scripts waiting and not the outline.
 */
export function outlineFirst(): Plugin {
  const own = /outline-[^/]+\.css$/
  return {
    name: 'heliograph-outline-first',
    async buildStart() {
      if (this.meta.watchMode || this.environment.mode !== 'build') return
      const parts = await Promise.all(sheets.map((sheet) => readFile(new URL(`.${sheet}`, import.meta.url))))
      this.emitFile({ type: 'asset', name: 'outline.css', source: Buffer.concat(parts) })
    },
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        const built = Object.keys(bundle ?? {}).find((file) => own.test(file))
        const linked = bundle ? [`/${built}`] : sheets
        const behind = html.match(/<link rel="stylesheet"[^>]*>/g)?.join('') ?? ''
        return (
          html
            .replace(behind, '')
            // Before all else that is asked for: a browser has six connections.
            .replace('<title>', `${linked.map(linkTo).join('')}<title>`)
            .replace('</body>', `${behind}</body>`)
        )
      },
    },
  }
}

function linkTo(sheet: string): string {
  return `<link rel="stylesheet" href="${sheet}">`
}
