import type { Id } from '@heliograph/contract/common'
import { Heart } from 'lucide-preact'
import { useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { Notice } from '../../ui/notice.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { PeopleList, peoplePaginator } from '../people/people-list.tsx'

export function LikesSheet({ postId, onClose }: { postId: Id; onClose: () => void }) {
  const [list] = useState(() =>
    peoplePaginator(`post:${postId}:likes`, (cursor, signal) =>
      call('GET /api/posts/:id/likes', { params: { id: postId }, query: { cursor }, signal }),
    ),
  )
  return (
    <Sheet title={t('post.likes.title')} onClose={onClose} tall>
      <PeopleList
        list={list}
        label={t('post.likes.title')}
        empty={<Notice icon={Heart} title={t('post.likes.empty')} />}
        onFollow={onClose}
      />
    </Sheet>
  )
}
