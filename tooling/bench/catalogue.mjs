// What there is to run: the files of works/ and clients/, in the order of their names.
import { readdirSync } from 'node:fs'

/** @returns {Promise<import('./client.mjs').Client[]>} */
export async function loadClients() {
  return (await importAll('clients')).map((module) => module.client)
}

/** @returns {Promise<import('./work.mjs').Work[]>} */
export async function loadWorks() {
  return (await importAll('works')).map((module) => module.work)
}

/**
 * @param {string} folder
 * @returns {Promise<any[]>}
 */
function importAll(folder) {
  const dir = new URL(`${folder}/`, import.meta.url)
  const files = readdirSync(dir).filter((file) => file.endsWith('.mjs'))
  return Promise.all(files.toSorted().map((file) => import(new URL(file, dir).href)))
}
