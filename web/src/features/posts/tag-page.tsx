import { normalizeHashtag } from '@heliograph/contract/text'
import { Hash } from 'lucide-preact'
import { call } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { Page } from '../../shell/page.tsx'
import type { PageProps } from '../../shell/routes.ts'
import { Notice } from '../../ui/notice.tsx'
import { PostGrid } from './grid.tsx'
import { postsPaginator } from './posts-lists.ts'

export function TagPage({ params }: PageProps) {
  const tag = normalizeHashtag(params.tag ?? '') ?? params.tag ?? ''
  const list = postsPaginator(`tag:${tag}`, (cursor, signal) =>
    call('GET /api/tags/:tag/posts', { params: { tag }, query: { cursor }, signal }),
  )
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
