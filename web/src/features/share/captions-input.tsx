import { readCaptions } from './captions-file.ts'

export interface ChosenCaptions {
  name: string
  file: Blob
}

interface CaptionsInputProps {
  input: { current: HTMLInputElement | null }
  /** Undefined: the file was something else. */
  onTake: (captions: ChosenCaptions | undefined) => void
}

/** Opened by a button beside it: `input.current?.click()`. */
export function CaptionsInput({ input, onTake }: CaptionsInputProps) {
  async function take(file: File | undefined): Promise<void> {
    if (!file) return
    const captions = await readCaptions(file)
    onTake(captions && { name: file.name, file: captions })
  }
  return (
    <input
      ref={input}
      type="file"
      class="unseen"
      tabIndex={-1}
      aria-hidden="true"
      accept=".vtt,text/vtt"
      onChange={(event) => {
        const [file] = event.currentTarget.files ?? []
        event.currentTarget.value = ''
        void take(file)
      }}
    />
  )
}
