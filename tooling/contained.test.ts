import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runContained } from './contained.mjs'

const dir = mkdtempSync(join(tmpdir(), 'x-contained-test-'))
/** Whoever is left behind holds a connection to it, and loses that when it ends. */
const server = createServer()
beforeAll(() => once(server.listen(0, '127.0.0.1'), 'listening'))
afterAll(() => {
  server.close()
  rmSync(dir, { recursive: true })
})

function script(name: string, code: string): string {
  const file = join(dir, `${name}.mjs`)
  writeFileSync(file, code)
  return file
}

/** Starts a process that says where it is and never ends, and then ends itself or does not. */
const LEAVES_A_CHILD = `
import { spawn } from 'node:child_process'
const [, , folder, port, ending] = process.argv
const code = 'require("node:net").connect(' + port + ', "127.0.0.1").write(' + JSON.stringify(folder) + ', () => console.log())'
const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'ignore'] })
child.stdout.on('data', () => ending === 'exit' && process.exit(3))
`

/** @returns The folder that it was given, and when it has ended. */
async function leftBehind(): Promise<{ folder: string; ended: Promise<unknown> }> {
  const [socket] = (await once(server, 'connection')) as [Socket]
  socket.on('error', () => {})
  const [folder] = await once(socket, 'data')
  return { folder: String(folder), ended: once(socket, 'close') }
}

test('the exit code comes back, the folder and whoever was left behind are gone', async () => {
  const port = String((server.address() as AddressInfo).port)
  const left = leftBehind()
  const order = { script: script('ends', LEAVES_A_CHILD), prefix: 'x-contained-' }
  const code = await runContained({ ...order, args: [port, 'exit'] })
  const { folder, ended } = await left
  await ended
  expect({ code, folder: existsSync(folder) }).toEqual({ code: 3, folder: false })
})

test('so they are when it is told to stop', async () => {
  const port = String((server.address() as AddressInfo).port)
  const left = leftBehind()
  const order = { script: script('stays', LEAVES_A_CHILD), args: [port, 'stay'], prefix: 'x-contained-' }
  const outer = `import { runContained } from ${JSON.stringify(new URL('contained.mjs', import.meta.url).href)}
process.exitCode = await runContained(${JSON.stringify(order)})`
  const child = spawn(process.execPath, [script('outer', outer)], { stdio: ['ignore', 'ignore', 'inherit'] })
  const { folder, ended } = await left
  expect(existsSync(folder)).toBe(true)
  child.kill('SIGTERM')
  const [code] = await once(child, 'exit')
  await ended
  expect({ code, folder: existsSync(folder) }).toEqual({ code: 1, folder: false })
})
