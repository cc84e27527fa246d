// `npm run rehearse`: the whole release, on a copy of the tree, to a registry that lives on 127.0.0.1 for as long as it
// takes, and then what strangers do with it. Nothing leaves this machine and nothing stays on it.
import { fileURLToPath } from 'node:url'
import { runContained } from '../contained.mjs'

const script = fileURLToPath(new URL('rehearsal.mjs', import.meta.url))
process.exitCode = await runContained({ script, args: [], prefix: 'x-rehearsal-' })
