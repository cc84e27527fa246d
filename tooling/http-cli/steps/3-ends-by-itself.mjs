import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/**
 * Runs a program that asks once and closes nothing: neither session nor connection. Nothing that waits keeps it alive.
 *
 * @param {{ url: string }} server
 */
export async function endsByItself({ url }) {
  const program = fileURLToPath(new URL('./one-answer.mjs', import.meta.url))
  const child = spawn(process.execPath, [program, url], { stdio: ['ignore', 'inherit', 'inherit'] })
  const [code] = await once(child, 'close')
  console.log(`(the program ended by itself, exit code ${code})`)
}
