import { createLocalBus } from './bus.ts'
import { busSuite } from './bus-suite.ts'

busSuite('local bus', async (_, onError) => {
  const bus = createLocalBus(onError)
  return { ours: bus, theirs: bus }
})
