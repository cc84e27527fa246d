import { gzipSync } from 'node:zlib'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { urlOf } from '../contenders/resolve.mjs'

/** @type {Record<string, { needs?: string, ours?: boolean, url: () => string, names: string }>} */
const CONTENDERS = {
  '@x/http-session': {
    ours: true,
    url: () => import.meta.resolve('@x/http-session'),
    names: '{ ClientSession }',
  },
  'undici request': { needs: 'undici', url: () => urlOf('undici'), names: '{ request, Agent }' },
  got: { needs: 'got', url: () => urlOf('got'), names: '{ default }' },
  axios: { needs: 'axios', url: () => urlOf('axios'), names: '{ default }' },
  ky: { needs: 'ky', url: () => urlOf('ky'), names: '{ default }' },
}

/**
 * What a program ships that is bundled with it, everything that is loaded later included.
 *
 * @type {import('../work.mjs').Work}
 */
export const work = {
  name: 'bundle',
  group: 'What it costs to have it',
  title: 'size in a bundle for Node, minified, gzip',
  remark: 'By esbuild. The session comes with its default connector; ky stands on the fetch of the platform.',
  measure: 'value',
  unit: 'bytes',
  baseline: 'undici request',
  rounds: 1,
  secondsPerRound: 0.5,
  contenders: () =>
    Object.entries(CONTENDERS).map(([name, { needs, ours = false, url, names }]) => ({
      name,
      ours,
      needs: needs === undefined ? [] : [needs],
      open: () => ({ run: () => bundleSize(fileURLToPath(url()), names) }),
    })),
}

/**
 * @param {string} file
 * @param {string} names
 * @returns {Promise<import('../work.mjs').ValueSample>}
 */
async function bundleSize(file, names) {
  const { outputFiles } = await build({
    stdin: { contents: `export ${names} from ${JSON.stringify(file)}`, resolveDir: '/' },
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    legalComments: 'none',
    write: false,
  })
  const code = Buffer.concat(outputFiles.map(({ contents }) => contents))
  return { value: gzipSync(code, { level: 9 }).length, note: `${code.length} bytes minified` }
}
