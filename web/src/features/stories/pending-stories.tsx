import { Button } from '../../ui/button.tsx'
import { w } from './stories-words.ts'
import { pendingStories } from './story-queue.ts'

/** What did not go out says why; what it needs is one tap. Nothing is shown of what goes well. */
export function PendingStories() {
  const failed = pendingStories.value.filter(({ state }) => state === 'failed')
  const waiting = pendingStories.value.some(({ state }) => state === 'waiting')
  const isUnkept = pendingStories.value.some((one) => one.isUnkept && one.state !== 'failed')
  return (
    <>
      {waiting ? (
        <p class="tray-note quiet" role="status">
          {w('pending.waiting')}
        </p>
      ) : null}
      {isUnkept ? (
        <p class="tray-note quiet" role="status">
          {w('pending.keepOpen')}
        </p>
      ) : null}
      {failed.map(({ id, previewUrl, message, retry, discard }) => (
        <div class="tray-failed" role="alert" key={id}>
          {previewUrl ? <img src={previewUrl} alt="" /> : null}
          <p>
            <b>{w('pending.failed')}</b> {message}
          </p>
          <span class="tray-failed-acts">
            {retry ? (
              <Button kind="strong" onClick={retry}>
                {w('pending.retry')}
              </Button>
            ) : null}
            <Button onClick={() => void discard()}>{w('pending.discard')}</Button>
          </span>
        </div>
      ))}
    </>
  )
}
