import { launchTests } from './test/run.mjs'

await launchTests(process.argv.slice(2))
