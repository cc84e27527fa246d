import { spawnSync } from 'node:child_process'
import { urlOf } from '../contenders/resolve.mjs'

/** @type {Record<string, { needs?: string, ours?: boolean, modules: () => string[] }>} */
const CONTENDERS = {
  'node:http + node:https': { modules: () => ['node:http', 'node:https'] },
  '@x/http-session': { ours: true, modules: () => [import.meta.resolve('@x/http-session')] },
  '@x/http-session + its connector': {
    ours: true,
    modules: () => [import.meta.resolve('@x/http-session'), import.meta.resolve('@x/streams')],
  },
  undici: { needs: 'undici', modules: () => [urlOf('undici')] },
  got: { needs: 'got', modules: () => [urlOf('got')] },
  axios: { needs: 'axios', modules: () => [urlOf('axios')] },
  ky: { needs: 'ky', modules: () => [urlOf('ky')] },
}

/**
 * How long a program waits for its import, in a new process each time.
 *
 * @type {import('../work.mjs').Work}
 */
export const work = {
  name: 'import',
  group: 'What it costs to have it',
  title: 'time of the first import, each in a new process',
  remark: 'The session loads its connector, and node:net and node:tls with it, for the first request.',
  measure: 'value',
  unit: 'ms',
  baseline: 'undici',
  rounds: 21,
  secondsPerRound: 0.12,
  contenders: () =>
    Object.entries(CONTENDERS).map(([name, { needs, ours = false, modules }]) => ({
      name,
      ours,
      needs: needs === undefined ? [] : [needs],
      open: () => ({ run: () => Promise.resolve({ value: importTime(modules()) }) }),
    })),
}

/**
 * @param {string[]} modules
 * @returns {number} Milliseconds.
 */
function importTime(modules) {
  const imports = modules.map((url) => `await import(${JSON.stringify(url)})`).join(';')
  const code = `const from = performance.now(); ${imports}; console.log(performance.now() - from); process.exit()`
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return Number(stdout)
}
