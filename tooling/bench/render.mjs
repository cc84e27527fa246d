// Makes the page of results.json: a pure function of it, so that it can be made again at any time.
import { barChart } from './bar-chart.mjs'
import { FIGURES, judge } from './figures.mjs'
import { columns, digits, linesOf, valueText } from './summary.mjs'

/**
 * @typedef {import('./summary.mjs').WorkResult} WorkResult
 *
 * @typedef {object} Results
 * @property {string} date ISO, of the last change.
 * @property {import('./machine.mjs').Machine} machine
 * @property {Record<string, string>} versions Of what is installed to compare with.
 * @property {import('./summary.mjs').Times} times
 * @property {{ plain: string, tls: string }} servers
 * @property {WorkResult[]} works
 */

const INTRODUCTION = `What this project costs beside its peers, written by \`pnpm bench\`; do not edit. The raw numbers are in
[results.json](results.json). Each contender is a process of its own on its own core, warmed up, and all take turns, round by round; figures are
medians, ratios are medians of the ratios of the rounds. Everybody runs with their default limits and time-outs and reads every response to its end. The
**floor** is a bare socket that counts bytes and parses nothing. CPU is that of the client process: it says more than the rate where the server is the limit.`

/**
 * @param {Results} results
 * @returns {Map<string, string>} Text by file name.
 */
export function render(results) {
  const files = new Map()
  const sections = [...new Set(results.works.map(({ group }) => group))].map((group) => {
    const works = results.works.filter((work) => work.group === group)
    return [`## ${group}`, ...works.map((work) => section(work, files, results))].join('\n\n')
  })
  const page = ['# Results', INTRODUCTION, facts(results), figures(results), worse(results), ...sections]
  return files.set('README.md', `${page.join('\n\n')}\n`)
}

/** @param {Results} results */
function facts({ date, machine, versions, times, servers }) {
  const installed = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return table(
    ['', ''],
    [
      ['date', date.slice(0, 10)],
      ['commit', machine.commit],
      [
        'machine',
        `${machine.cpu}, ${machine.cores} cores, ${machine.memory}, ${machine.system}; ${machine.pinning}`,
      ],
      ['runtime', `Node ${machine.node}`],
      ['compared with', installed.join(', ')],
      ['rounds', timesText(times)],
      ['servers', `plain: ${servers.plain}; TLS: ${servers.tls}`],
    ],
  )
}

/** @param {import('./summary.mjs').Times} times */
function timesText({ rounds, roundMs, warmUpMs }) {
  return `${rounds} of ${roundMs / 1000} s after ${warmUpMs / 1000} s of warm-up`
}

/** @param {Results} results */
function figures({ works }) {
  const verdicts = judge(FIGURES, works)
  const rows = verdicts.map(({ figure, actual, verdict }) => {
    const { work, who, metric, against, bound, limit, unit = '' } = figure
    const show = (/** @type {number} */ number) =>
      against === undefined
        ? `${valueText(number, unit)} ${unit === 'bytes' ? 'KiB' : unit}`
        : `${digits(number)}x`
    const measured = metric === 'cpu' ? 'CPU' : metric === 'rate' ? 'throughput' : 'value'
    const whose = against === undefined ? who : `${who} / ${against}`
    return [work, whose, measured, `${bound} ${show(limit)}`, actual === null ? '' : show(actual), verdict]
  })
  const reached = verdicts.filter(({ verdict }) => verdict === 'reached').length
  const heading = `## Figures to reach\n\n${reached} of ${verdicts.length} are reached.`
  return `${heading}\n\n${table(['work', 'who', 'of what', 'to reach', 'measured', ''], rows)}`
}

/**
 * Where the best of ours is behind somebody that is no floor.
 *
 * @param {Results} results
 */
function worse({ works }) {
  const rows = works.flatMap((work) => {
    const lines = linesOf(work).filter(({ figure, name }) => figure !== '' && !name.startsWith('floor'))
    const best = lines[0]
    const ours = lines.find((line) => line.ours)
    if (best === undefined || ours === undefined || best.ours) return []
    return [[work.name, `${ours.name}: ${ours.figure}`, `${best.name}: ${best.figure}`]]
  })
  const intro = '## Where others are better'
  return rows.length === 0
    ? `${intro}\n\nNowhere among the works below.`
    : `${intro}\n\n${table(['work', 'our best', 'best'], rows)}`
}

/**
 * @param {WorkResult} work
 * @param {Map<string, string>} files Charts are added.
 * @param {Results} results
 */
function section(work, files, { machine, date, times }) {
  const lines = linesOf(work)
  const measured = lines.filter(({ figure }) => figure !== '')
  const rows = measured.map(({ name, ours, figure, cpu, relative, spread, why }) => {
    const label = `${ours ? `**${name}**` : name}${why === '' ? '' : ` (${why})`}`
    return work.measure === 'rate'
      ? [label, figure, cpu, relative, spread]
      : [label, figure, relative, spread]
  })
  const absent = lines.filter(({ figure }) => figure === '').map(({ name, why }) => `- ${name}: ${why}`)
  const isOlder = work.commit !== machine.commit || work.measuredAt.slice(0, 10) !== date.slice(0, 10)
  const parts = [`### ${work.name}: ${work.title}`]
  if (work.remark !== undefined) parts.push(work.remark)
  if (isOlder) parts.push(`Measured on ${work.measuredAt.slice(0, 10)}, commit ${work.commit}.`)
  const rounds = timesText(work.times)
  if (rounds !== timesText(times)) parts.push(`Other rounds than above: ${rounds}.`)
  if (measured.length > 0) {
    files.set(`${work.name}.svg`, chart(work, measured))
    parts.push(`![${work.title}](${work.name}.svg)`, table(columns(work), rows))
  }
  if (absent.length > 0) parts.push(`Without numbers:\n\n${absent.join('\n')}`)
  return parts.join('\n\n')
}

/**
 * @param {WorkResult} work
 * @param {readonly import('./summary.mjs').Line[]} lines
 */
function chart(work, lines) {
  const [, unit = ''] = columns(work)
  const better = work.measure === 'rate' ? 'more is better' : 'less is better'
  return barChart(
    `${work.title}: ${unit}, ${better}`,
    lines.map(({ name, ours, figure, length }) => ({
      label: name,
      value: length,
      text: figure,
      marked: ours,
    })),
  )
}

/**
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 */
function table(head, rows) {
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
