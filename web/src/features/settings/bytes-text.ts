const steps = ['kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

/** As people say it: at most one digit behind the point, in steps of 1,024, never less than a kilobyte of something. */
export function bytesText(bytes: number, locale: string): string {
  let value = bytes / 1024
  let step = 0
  while (value >= 1000 && step < steps.length - 1) {
    value /= 1024
    step += 1
  }
  const unit = steps[step]!
  const digits = value < 10 && step > 0 ? 1 : 0
  const rounded = bytes > 0 ? Math.max(value, digits === 1 ? 0.1 : 1) : 0
  return new Intl.NumberFormat(locale, { style: 'unit', unit, maximumFractionDigits: digits }).format(rounded)
}
