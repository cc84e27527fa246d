#!/usr/bin/env node
// `npm start`: the tour through the packages. `npm start -- <url>`: what that URL answers.
import { parseArgs } from 'node:util'
import { fetchUrl } from './fetch-url.mjs'
import { tour } from './tour.mjs'

const USAGE = `usage: npm start               the six steps from a raw protocol to a session, on loopback
       npm start -- <url>      status line, header lines and body of an http or https URL`

/** A reader that has seen enough, such as \`head\`, closes the pipe: that is no failure of ours. */
process.stdout.on('error', (error) => {
  if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EPIPE') throw error
  process.exit(0)
})

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' } },
  })
  const [url, ...more] = positionals
  if (more.length > 0) throw new TypeError(`one URL, not ${positionals.length}`)
  if (values.help === true) console.log(USAGE)
  else if (url === undefined) await tour()
  else await fetchUrl(url, process.stdout)
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`)
  if (String(/** @type {{ code?: unknown }} */ (error).code).startsWith('ERR_PARSE_ARGS'))
    console.error(USAGE)
  process.exitCode = 1
}
