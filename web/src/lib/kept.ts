import { promisifyRequest, type UseStore } from 'idb-keyval'

// What a person shared lies in IndexedDB until the server has it, its files too. Private windows of Safari, and of what is
// built as it is, refuse files there but take their bytes: those are kept instead, and given back as files.

let takesFiles = true

/** All of it, or nothing. */
export function keepAll(items: readonly (readonly [string, unknown])[], store: UseStore): Promise<void> {
  return inTurn(store, async () => {
    if (takesFiles) {
      try {
        return await put(items, store)
      } catch (error) {
        if (error === late || !items.some(([, value]) => hasFiles(value))) throw error
      }
    }
    const plain = items.map(async ([key, value]) => [key, await withBytes(value)] as const)
    await put(await Promise.all(plain), store)
    takesFiles = false
  })
}

export function dropKept(key: string, store: UseStore): Promise<void> {
  return inTurn(store, () => write(store, (rows) => rows.delete(key)))
}

function put(items: readonly (readonly [string, unknown])[], store: UseStore): Promise<void> {
  return write(store, (rows) => {
    for (const [key, value] of items) rows.put(value, key)
  })
}

/** Committed at once: a page that is closed in the next moment has written it. */
async function write(store: UseStore, change: (rows: IDBObjectStore) => void): Promise<void> {
  const writing = store('readwrite', (rows) => {
    change(rows)
    const written = promisifyRequest<void>(rows.transaction)
    rows.transaction.commit()
    return written
  })
  let timer: ReturnType<typeof setTimeout> | undefined
  const waiting = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late), patienceMs)
  })
  await Promise.race([writing, waiting]).finally(() => clearTimeout(timer))
}

/** A page that was left while it wrote may hold WebKit's database for long: what waits for it goes out from memory. */
const late = new DOMException('The device does not write', 'TimeoutError')
const patienceMs = 10_000

const turns = new WeakMap<UseStore, Promise<void>>()

/** As asked for: reading the bytes of a file takes its time, and what was dropped meanwhile must not come back. */
function inTurn(store: UseStore, work: () => Promise<void>): Promise<void> {
  const done = turns.get(store)?.then(work, work) ?? work()
  turns.set(store, done)
  return done
}

interface FileBytes {
  readonly fileBytes: ArrayBuffer
  readonly type: string
}

function isFileBytes(value: object): value is FileBytes {
  return 'fileBytes' in value
}

function hasFiles(value: unknown): boolean {
  if (value instanceof Blob) return true
  return isPlain(value) && Object.values(value).some(hasFiles)
}

async function withBytes(value: unknown): Promise<unknown> {
  if (value instanceof Blob) return { fileBytes: await value.arrayBuffer(), type: value.type }
  if (Array.isArray(value)) return Promise.all(value.map(withBytes))
  if (!isPlain(value)) return value
  const parts = Object.entries(value).map(async ([key, part]) => [key, await withBytes(part)] as const)
  return Object.fromEntries(await Promise.all(parts))
}

/** As it was given to `keepAll`. */
export function withFiles<T>(value: T): T {
  return restored(value) as T
}

function restored(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(restored)
  if (!isPlain(value)) return value
  if (isFileBytes(value)) return new Blob([value.fileBytes], { type: value.type })
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, restored(part)]))
}

function isPlain(value: unknown): value is object {
  return (
    typeof value === 'object' && value !== null && !(value instanceof Blob) && !(value instanceof ArrayBuffer)
  )
}
