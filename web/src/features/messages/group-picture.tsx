import type { Conversation } from '@heliograph/contract/messages'
import { useRef, useState } from 'preact/hooks'
import { problemText } from '../../lib/problem-text.ts'
import { uploadFile } from '../../lib/upload.ts'
import { Button } from '../../ui/button.tsx'
import { Lazy } from '../../ui/lazy.tsx'
import { loadSquareCrop } from '../share/load-square-crop.ts'
import { setConversation } from './messages-acts.ts'
import { w } from './messages-words.ts'

/** A group's own picture, in place of the faces of its people. */
export function GroupPicture({ conversation }: { conversation: Conversation }) {
  const input = useRef<HTMLInputElement>(null)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>()
  const [chosen, setChosen] = useState<File | undefined>(undefined)
  const { picture } = conversation
  const preparing = busy || picture?.status === 'processing'

  async function take(file: Blob): Promise<void> {
    setChosen(undefined)
    setProblem(undefined)
    setBusy(true)
    try {
      const pictureUploadId = await uploadFile(file, { purpose: 'message' })
      await setConversation(conversation, { pictureUploadId })
    } catch (error) {
      setProblem(error)
    } finally {
      setBusy(false)
    }
  }

  return (
    <div class="details-part details-picture">
      <input
        ref={input}
        type="file"
        accept="image/*"
        hidden
        onChange={(event) => {
          setChosen(event.currentTarget.files?.[0])
          event.currentTarget.value = ''
        }}
      />
      <Button busy={preparing} onClick={() => input.current?.click()}>
        {w(picture ? 'picture.change' : 'picture.choose')}
      </Button>
      {picture ? (
        <Button
          kind="quiet"
          disabled={preparing}
          onClick={() => void setConversation(conversation, { pictureUploadId: null })}
        >
          {w('picture.remove')}
        </Button>
      ) : null}
      <p class="quiet" role="status">
        {preparing ? w('media.preparing') : null}
        {picture?.status === 'failed' && !busy ? (picture.failure?.message ?? w('media.failed')) : null}
        {problem ? problemText(problem) : null}
      </p>
      {chosen ? (
        <Lazy
          load={loadSquareCrop}
          props={{
            file: chosen,
            title: w('picture.choose'),
            onDone: (cut: Blob) => void take(cut),
            onCancel: () => setChosen(undefined),
          }}
          onFailed={() => void take(chosen)}
        />
      ) : null}
    </div>
  )
}
