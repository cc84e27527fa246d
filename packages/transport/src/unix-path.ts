/**
 * The file of a Unix socket. Node removes the file it was bound to when listening ends, whatever stands there by then; so a
 * server is bound to a name of its own beside the path, and then renamed to it. What is removed in the end is decided here.
 */

import { randomBytes } from 'node:crypto'
import { statSync, unlinkSync } from 'node:fs'
import { lstat, rename, unlink } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'

/** A socket's file at its place. */
export interface BoundPath {
  /** Removes the file, if it is still the one that was put there. Never throws. */
  remove(): void
}

/** False for what has no file: named pipes of Windows, abstract names of Linux. */
export function hasFile(path: string): boolean {
  return process.platform !== 'win32' && !path.startsWith('\0')
}

/** A free name beside `path`, for `moveTo`. No longer than needed: the names of sockets are limited to about 100 bytes. */
export function nameBeside(path: string): string {
  return join(dirname(path), `.${randomBytes(4).toString('hex')}`)
}

/**
 * Makes room at `path`: a socket that nobody listens to any more may be replaced.
 *
 * @throws {Error} `EADDRINUSE`: somebody listens there, or it is no socket.
 */
export async function checkFree(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return
  if (found.isSocket() && !(await isListening(path))) return
  throw Object.assign(new Error(`listen EADDRINUSE: address already in use ${path}`), {
    code: 'EADDRINUSE',
    syscall: 'listen',
    address: path,
  })
}

/** Renames the socket bound at `boundName` to `path`. */
export async function moveTo(path: string, boundName: string): Promise<BoundPath> {
  const { ino, dev } = await lstat(boundName)
  await rename(boundName, path).catch(async (error: unknown) => {
    await unlink(boundName).catch(() => {})
    throw error
  })
  return {
    remove() {
      try {
        const found = statSync(path)
        if (found.ino === ino && found.dev === dev) unlinkSync(path)
      } catch {
        // It is gone already, or out of reach: there is nothing to remove for us.
      }
    },
  }
}

function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ path })
    probe.on('connect', () => {
      probe.destroy()
      resolve(true)
    })
    // A full queue (EAGAIN) has somebody behind it.
    probe.on('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'),
    )
  })
}
