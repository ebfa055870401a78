import type { Story } from '@heliograph/contract/stories'
import { Ellipsis, Pause, Play, Volume2, VolumeX, X } from 'lucide-preact'
import { useState } from 'preact/hooks'
import { t } from '../../lib/i18n.ts'
import { me } from '../../lib/session.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { type Action, Menu } from '../../ui/menu.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { AudienceMark } from '../audience/audience-mark.tsx'
import { Verified } from '../people/verified.tsx'
import { soundOn } from '../video/choices.ts'
import { w } from './stories-words.ts'
import { storyActions } from './story-actions.ts'

interface StoryHeadProps {
  story: Story | undefined
  /** Of a highlight, in place of the person's name alone. */
  title?: string
  /** Beside those of the Story itself. */
  actions: readonly Action[]
  paused: boolean
  onPause: () => void
  onDeleted: () => void
  onClose: () => void
}

/** Whose it is and since when, and what can be done. */
export function StoryHead({ story, title, actions, paused, onPause, onDeleted, onClose }: StoryHeadProps) {
  const [menu, setMenu] = useState(false)
  const hasSound = story?.media.videoUrl !== undefined && story.media.hasAudio !== false
  return (
    <div class="story-head">
      {story ? (
        <>
          <a class="story-author" href={`/${story.author.username}`} onClick={onClose}>
            <Avatar user={story.author} size={32} />
            <span class="story-names">
              <b>
                {title ?? story.author.username}
                {title ? null : <Verified user={story.author} />}
              </b>
              {title ? (
                <span>
                  {story.author.username}
                  <Verified user={story.author} />
                </span>
              ) : null}
            </span>
          </a>
          <span class="story-time">
            <TimeAgo iso={story.createdAt} />
          </span>
          <AudienceMark audience={story.audience === 'close_friends' ? 'close_friends' : 'public'} />
        </>
      ) : null}
      <span class="story-buttons">
        {story?.status === 'ready' ? (
          <IconButton icon={paused ? Play : Pause} label={w(paused ? 'play' : 'pause')} onClick={onPause} />
        ) : null}
        {hasSound ? (
          <IconButton
            icon={soundOn.value ? Volume2 : VolumeX}
            label={w(soundOn.value ? 'sound.off' : 'sound.on')}
            onClick={() => {
              soundOn.value = !soundOn.value
            }}
          />
        ) : null}
        {story && me.value ? (
          <IconButton icon={Ellipsis} label={w('more')} hasPopup onClick={() => setMenu(true)} />
        ) : null}
        <IconButton icon={X} label={t('ui.close')} onClick={onClose} />
      </span>
      {menu && story ? (
        <Menu
          title={w('more')}
          actions={[...actions, ...storyActions(story, { onDeleted, onClose })]}
          onClose={() => setMenu(false)}
        />
      ) : null}
    </div>
  )
}
