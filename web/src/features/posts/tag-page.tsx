import { normalizeHashtag } from '@heliograph/contract/text'
import { Hash } from 'lucide-preact'
import { useEffect } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { place } from '../../lib/navigation.ts'
import { tell } from '../../lib/signals.ts'
import { Page } from '../../shell/page.tsx'
import type { PageProps } from '../../shell/page-props.ts'
import { Notice } from '../../ui/notice.tsx'
import { PostGrid } from './grid.tsx'
import { postsPaginator } from './posts-lists.ts'

export function TagPage({ params }: PageProps) {
  const tag = normalizeHashtag(params.tag ?? '') ?? params.tag ?? ''
  const list = postsPaginator(`tag:${tag}`, (cursor, signal) =>
    call('GET /api/tags/:tag/posts', { params: { tag }, query: { cursor }, signal }),
  )
  useEffect(() => {
    // Opened by a tap; not by going back to it or by loading the page again.
    if (place.peek().how === 'push') tell({ kind: 'hashtag_tap', tag })
  }, [tag])
  return (
    <Page title={`#${tag}`} back wide>
      <PostGrid
        list={list}
        label={t('tag.label', { tag })}
        empty={
          <Notice icon={Hash} title={t('tag.empty.title')}>
            {t('tag.empty.text', { tag })}
          </Notice>
        }
      />
    </Page>
  )
}
