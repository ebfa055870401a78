// Loaded into a measured process with `--import`: answers what CPU it has used so far.

process.on('message', (message: { type?: string }) => {
  if (message.type !== 'cpu') return
  const { user, system } = process.cpuUsage()
  process.send?.({ type: 'cpu', milliseconds: (user + system) / 1000 })
})
