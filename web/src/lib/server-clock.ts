/** How far the server's clock is ahead of this device's, by its newest answer. */
let aheadMs = 0

/** The header tells whole seconds: the rest of the second is counted as past, so that nothing is shown too long. */
export function noteServerTime(date: string | null): void {
  const told = date === null ? Number.NaN : Date.parse(date)
  if (!Number.isNaN(told)) aheadMs = told + 999 - Date.now()
}

/** What the server's clock says now, as near as is known: clocks of devices are off by hours. */
export function serverNow(): number {
  return Date.now() + aheadMs
}
