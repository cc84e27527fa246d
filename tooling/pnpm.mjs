// The pinned pnpm, brought by npm: nobody has to install it, and its version stands once, in the root manifest.
// No dependencies: the set-up runs this before anything is installed.
import { readFileSync } from 'node:fs'

const { packageManager } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

/**
 * @param {string[]} args
 * @returns {{ command: string[], shell: boolean }} `args` are our own and hold nothing that a shell would read.
 */
export function pnpm(args) {
  const exec = ['exec', '--yes', `--package=${packageManager}`, '--', 'pnpm', ...args]
  const npmScript = process.env['npm_execpath'] ?? ''
  // Below `npm run` npm says where its own script is; that spares looking for `npx`, a batch file on Windows.
  if (npmScript.endsWith('npm-cli.js'))
    return { command: [process.execPath, npmScript, ...exec], shell: false }
  return { command: ['npm', ...exec], shell: process.platform === 'win32' }
}
