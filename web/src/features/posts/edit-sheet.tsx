import { knownFilter } from '@heliograph/contract/filters'
import { limits } from '@heliograph/contract/limits'
import type { Post, PostMedia } from '@heliograph/contract/posts'
import { codePointLength } from '@heliograph/contract/text'
import { ArrowLeft, ArrowRight } from 'lucide-preact'
import { useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { t } from '../../lib/i18n.ts'
import { problemText } from '../../lib/problem-text.ts'
import { putPost } from '../../lib/store.ts'
import { Button } from '../../ui/button.tsx'
import { confirmAction } from '../../ui/confirm.tsx'
import { Switch, TextArea, TextField } from '../../ui/field.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { Lazy } from '../../ui/lazy.tsx'
import { Photo } from '../../ui/photo.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { announce, toast } from '../../ui/toast.tsx'
import { AudienceChoice } from '../audience/audience-choice.tsx'
import { type Choices, isSameChoices } from '../edit/choices.ts'
import { CompletingArea } from '../text/completing-area.tsx'
import { EditCaptions, type EditedMedia, uploadCaptions } from './edit-captions.tsx'
import { EditDetails } from './edit-details.tsx'
import { awaitRenditions } from './posts-actions.ts'
import './edit-sheet.css'

/** Caption, place, audience, descriptions and order of a post that is out already. */
export function EditSheet({ post, onClose }: { post: Post; onClose: () => void }) {
  const [caption, setCaption] = useState(post.caption)
  const [placeName, setPlaceName] = useState(post.place?.name ?? '')
  const [audience, setAudience] = useState(post.audience)
  const [showMetadata, setShowMetadata] = useState(post.showMetadata)
  const [commentsOff, setCommentsOff] = useState(post.commentsOff)
  const [media, setMedia] = useState<EditedMedia[]>(post.media)
  const [editing, setEditing] = useState<EditedMedia | undefined>(undefined)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>()

  const mediaChanged = media.some((one, at) => isChanged(one, post.media[at]))
  const changed =
    caption !== post.caption ||
    placeName.trim() !== (post.place?.name ?? '') ||
    audience !== post.audience ||
    showMetadata !== post.showMetadata ||
    commentsOff !== post.commentsOff ||
    mediaChanged
  const fits = codePointLength(caption) <= limits.captionLength

  async function save(): Promise<void> {
    if (!changed) return onClose()
    setBusy(true)
    setProblem(undefined)
    try {
      const name = placeName.trim()
      const samePlace = name === (post.place?.name ?? '')
      const body = {
        ...(caption === post.caption ? {} : { caption }),
        ...(samePlace ? {} : { place: name ? { name } : null }),
        ...(audience === post.audience ? {} : { audience }),
        ...(showMetadata === post.showMetadata ? {} : { showMetadata }),
        ...(commentsOff === post.commentsOff ? {} : { commentsOff }),
        ...(mediaChanged ? { media: await Promise.all(media.map((one) => changesOf(one, post))) } : {}),
      }
      const saved = await call('PATCH /api/posts/:id', { params: { id: post.id }, body })
      putPost(saved)
      const isRendered = media.some((one) => !isSameLook(one, beforeOf(one, post)))
      if (isRendered) void awaitRenditions(saved)
      toast(t(isRendered ? 'edit.saved.rendered' : 'edit.saved'))
      onClose()
    } catch (error) {
      setProblem(error)
      setBusy(false)
    }
  }

  function move(from: number, to: number): void {
    const next = [...media]
    next.splice(to, 0, ...next.splice(from, 1))
    setMedia(next)
    announce(t('edit.moved', { at: to + 1, count: media.length }))
  }

  const change = (id: string, patch: Partial<EditedMedia>) =>
    setMedia(media.map((one) => (one.id === id ? { ...one, ...patch } : one)))

  return (
    <Sheet
      title={t('edit.title')}
      tall
      onClose={onClose}
      mayClose={() =>
        !changed || confirmAction({ title: t('edit.discard.title'), action: t('edit.discard'), danger: true })
      }
      action={
        <Button kind="quiet" busy={busy} disabled={!fits} onClick={() => void save()}>
          {t('ui.save')}
        </Button>
      }
    >
      <div class="sheet-form">
        {problem ? (
          <p class="field-error" role="alert">
            {problemText(problem)}
          </p>
        ) : null}
        <div class="field">
          <label for="edit-caption">{t('edit.caption')}</label>
          <CompletingArea id="edit-caption" value={caption} onInput={setCaption} rows={4} invalid={!fits} />
          {fits ? null : (
            <span class="field-error" role="alert">
              {t('comments.tooLong', { count: codePointLength(caption) - limits.captionLength })}
            </span>
          )}
        </div>
        <TextField
          label={t('edit.place')}
          value={placeName}
          onInput={setPlaceName}
          max={limits.placeLength}
        />
        <EditDetails media={post.media} shown={showMetadata} onChange={setShowMetadata} />
        <AudienceChoice value={audience} onChange={setAudience} />
        <Switch
          label={t('edit.commentsOff')}
          hint={t('edit.commentsOff.hint')}
          checked={commentsOff}
          onChange={setCommentsOff}
        />
        <ol class="edit-photos">
          {media.map((one, at) => (
            <li key={one.id} class="edit-photo">
              <div class="edit-thumb photo-cover">
                {one.newPicture ? (
                  <img src={one.newPicture} alt="" />
                ) : (
                  <Photo media={one} sizes="96px" small />
                )}
              </div>
              <TextArea
                label={media.length > 1 ? t('edit.alt', { at: at + 1 }) : t('photo.alt')}
                hint={t('edit.alt.hint')}
                rows={2}
                max={limits.altTextLength}
                value={one.altText}
                onInput={(altText) => change(one.id, { altText })}
              />
              {one.originalUrl ? (
                <div class="edit-change">
                  <Button
                    kind="quiet"
                    label={`${t('edit.photo')}: ${at + 1}`}
                    onClick={() => setEditing(one)}
                  >
                    {t('edit.photo')}
                  </Button>
                </div>
              ) : null}
              {one.type === 'video' ? (
                <EditCaptions media={one} onChange={(newCaptions) => change(one.id, { newCaptions })} />
              ) : null}
              {media.length > 1 ? (
                <div class="edit-moves">
                  <IconButton
                    icon={ArrowLeft}
                    class="mirrored"
                    label={`${t('edit.earlier')}: ${at + 1}`}
                    disabled={at === 0}
                    onClick={() => move(at, at - 1)}
                  />
                  <IconButton
                    icon={ArrowRight}
                    class="mirrored"
                    label={`${t('edit.later')}: ${at + 1}`}
                    disabled={at === media.length - 1}
                    onClick={() => move(at, at + 1)}
                  />
                </div>
              ) : null}
            </li>
          ))}
        </ol>
      </div>
      {editing ? (
        <Lazy
          load={loadEditPhoto}
          props={{
            media: editing,
            choices: choicesOf(editing),
            onCancel: () => setEditing(undefined),
            onDone(choices: Choices, newPicture: string) {
              change(editing.id, { ...choices, newPicture })
              setEditing(undefined)
            },
          }}
          onFailed={() => setEditing(undefined)}
        />
      ) : null}
    </Sheet>
  )
}

async function loadEditPhoto() {
  const [{ EditPhoto }, { shareWords }, { editWords }] = await Promise.all([
    import('./edit-photo.tsx'),
    import('../share/share-words.ts'),
    import('../edit/edit-words.ts'),
  ])
  await Promise.all([shareWords.load(), editWords.load()])
  return EditPhoto
}

function beforeOf(media: EditedMedia, post: Post): PostMedia | undefined {
  return post.media.find((one) => one.id === media.id)
}

/** What is shown of it is named only when it changed: naming it prepares the photograph anew. */
async function changesOf(media: EditedMedia, post: Post) {
  const { id, altText, newCaptions } = media
  return {
    id,
    altText,
    ...(isSameLook(media, beforeOf(media, post)) ? {} : choicesOf(media)),
    ...(newCaptions === undefined ? {} : { captionsUploadId: await uploadCaptions(newCaptions) }),
  }
}

function isChanged(media: EditedMedia, before: EditedMedia | undefined): boolean {
  return (
    media.id !== before?.id ||
    media.altText !== before.altText ||
    media.newCaptions !== undefined ||
    !isSameLook(media, before)
  )
}

function isSameLook(media: EditedMedia, before: EditedMedia | undefined): boolean {
  return before !== undefined && isSameChoices(choicesOf(media), choicesOf(before))
}

function choicesOf({ crop = null, filter, edits = null }: EditedMedia): Choices {
  return { crop, filter: knownFilter(filter), edits }
}
