import './meter.css'

interface MeterProps {
  /** The id of the words that say what is measured. */
  labelledBy: string
  /** From 0 to 1. */
  value: number
  /** The same in words, where the share of the bar is not what one would say. */
  valueText?: string
  /** Near a limit. */
  alarming?: boolean
}

/** How much of something: never alone, the words stand beside it. */
export function Meter({ labelledBy, value, valueText, alarming }: MeterProps) {
  return (
    <meter
      class={alarming ? 'meter meter-full' : 'meter'}
      aria-labelledby={labelledBy}
      aria-valuetext={valueText}
      min={0}
      max={1}
      value={value}
    />
  )
}
