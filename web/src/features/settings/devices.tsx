import type { Session } from '@heliograph/contract/accounts'
import { deviceName } from '@heliograph/contract/device-name'
import { useEffect, useState } from 'preact/hooks'
import type { z } from 'zod'
import { call } from '../../lib/api.ts'
import { signOut } from '../../lib/session.ts'
import { Button } from '../../ui/button.tsx'
import { confirmAction } from '../../ui/confirm.tsx'
import { ProblemNotice } from '../../ui/notice.tsx'
import { SkeletonPeople } from '../../ui/skeleton.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { toast } from '../../ui/toast.tsx'
import { act } from './act.ts'
import { w } from './settings-words.ts'

type Device = z.output<typeof Session>

export function Devices() {
  const [devices, setDevices] = useState<readonly Device[] | undefined>(undefined)
  const [next, setNext] = useState<string | null>(null)
  const [problem, setProblem] = useState<unknown>()

  /** Behind `after`; from the newest on without. */
  async function read(after?: string): Promise<void> {
    setProblem(undefined)
    await call('GET /api/sessions', { query: { limit: 50, ...(after && { cursor: after }) } }).then(
      ({ items, nextCursor }) => {
        setDevices((before) => (after ? [...(before ?? []), ...items] : items))
        setNext(nextCursor)
      },
      setProblem,
    )
  }
  useEffect(() => void read(), [])

  async function end(device: Device): Promise<void> {
    await act(
      () => call('DELETE /api/sessions/:id', { params: { id: device.id } }),
      () => {
        setDevices((before) => before?.filter(({ id }) => id !== device.id))
        toast(w('safe.device.ended'))
      },
    )
  }

  async function endOthers(): Promise<void> {
    const sure = await confirmAction({
      title: w('safe.devices.end.title'),
      text: w('safe.devices.end.text'),
      action: w('safe.devices.end'),
      danger: true,
    })
    if (!sure) return
    await act(
      () => call('DELETE /api/sessions'),
      () => {
        setDevices((before) => before?.filter(({ current }) => current))
        setNext(null)
        toast(w('safe.devices.ended'))
      },
    )
  }

  /** The others first: whoever is not let do that stays in here too. */
  async function endAll(): Promise<void> {
    const sure = await confirmAction({
      title: w('safe.devices.all.title'),
      text: w('safe.devices.all.text'),
      action: w('safe.devices.all'),
      danger: true,
    })
    if (sure) await act(() => call('DELETE /api/sessions'), signOut)
  }

  return (
    <>
      {problem ? <ProblemNotice error={problem} onRetry={() => void read()} /> : null}
      {devices === undefined && !problem ? <SkeletonPeople /> : null}
      <ul>
        {devices?.map((device) => {
          const name = deviceName(device.userAgent) ?? w('safe.device.unknown')
          return (
            <li key={device.id} class="settings-row">
              <span>
                {name}
                <span class="settings-note">
                  {device.current ? w('safe.device.this') : <TimeAgo iso={device.lastUsedAt} />}
                </span>
              </span>
              {device.current ? null : (
                <Button label={w('safe.device.end.name', { device: name })} onClick={() => void end(device)}>
                  {w('safe.device.end')}
                </Button>
              )}
            </li>
          )
        })}
      </ul>
      {next ? (
        <p class="settings-go">
          <Button wide onClick={() => void read(next)}>
            {w('safe.devices.more')}
          </Button>
        </p>
      ) : null}
      {(devices?.length ?? 0) > 1 ? (
        <p class="settings-go">
          <Button wide onClick={() => void endOthers()}>
            {w('safe.devices.end')}
          </Button>
        </p>
      ) : null}
      {devices ? (
        <p class="settings-go">
          <Button kind="danger" wide onClick={() => void endAll()}>
            {w('safe.devices.all')}
          </Button>
        </p>
      ) : null}
    </>
  )
}
