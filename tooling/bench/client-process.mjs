// One contender in a process of its own. A contender that is another program speaks the same way:
//
// It prints one line of JSON when it is set up, `{"ready":"what it is, with its version"}`. For each line `run
// MILLISECONDS` of its standard input it prints one line, a sample: `{"count":…,"elapsedMs":…,"cpuUs":…}` or
// `{"value":…}`; after an error `{"error":"…"}`. It ends with its standard input.
import { createInterface } from 'node:readline'
import { loadClients } from './catalogue.mjs'

const [workFile, contenderName, contextText] = process.argv.slice(2)
process.on('unhandledRejection', failed)
try {
  const { work } = await import(new URL(`works/${workFile}.mjs`, import.meta.url).href)
  const contenders = work.contenders(await loadClients())
  const contender = contenders.find((/** @type {{ name: string }} */ { name }) => name === contenderName)
  const runner = await contender.open(JSON.parse(String(contextText)))
  print({ ready: `Node ${process.version}` })
  for await (const line of createInterface({ input: process.stdin })) {
    print(await runner.run(Number(line.slice('run '.length))))
  }
  await runner.close?.()
  process.exit()
} catch (error) {
  failed(error)
}

/** @param {unknown} error */
function failed(error) {
  print({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  process.exit(1)
}

/** @param {object} message */
function print(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}
