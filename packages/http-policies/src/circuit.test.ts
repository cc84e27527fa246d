import { expect, test } from 'vitest'
import { Circuit } from './circuit.ts'
import type { CallOutcome } from './circuit.ts'

const LIMITS = { failureRate: 0.5, minimumCalls: 4, windowMs: 1000, openMs: 500, probes: 2 }
const OUTCOMES: Readonly<Record<string, CallOutcome>> = { s: 'success', f: 'failure', i: 'ignored' }

/** Calls one after the other, each at a time and with its end; what was refused is told by its wait. */
function run(circuit: Circuit, steps: string): string {
  return steps
    .split(' ')
    .map((step) => {
      const [time = '', end = ''] = step.split(':')
      const admission = circuit.admit(Number(time))
      if (admission.kind === 'refused') return `refused ${admission.retryAfterMs}`
      admission.ended(OUTCOMES[end]!, Number(time))
      return circuit.state
    })
    .join(', ')
}

const ROWS: { name: string; steps: string; states: string }[] = [
  { name: 'successes', steps: '0:s 1:s 2:s 3:s 4:s', states: 'closed, closed, closed, closed, closed' },
  { name: 'failures, too few', steps: '0:f 1:f 2:f', states: 'closed, closed, closed' },
  {
    name: 'failures, enough',
    steps: '0:f 1:f 2:f 3:f 4:s',
    states: 'closed, closed, closed, open, refused 499',
  },
  { name: 'half of them', steps: '0:s 1:f 2:s 3:f', states: 'closed, closed, closed, open' },
  { name: 'less than half', steps: '0:s 1:f 2:s 3:s 4:f', states: 'closed, closed, closed, closed, closed' },
  {
    name: 'a success opens nothing',
    steps: '0:f 1:f 2:f 3:s 4:s',
    states: 'closed, closed, closed, closed, closed',
  },
  {
    name: 'ignored calls do not count',
    steps: '0:f 1:i 2:f 3:f 4:i',
    states: 'closed, closed, closed, closed, closed',
  },
  { name: 'failures within the window', steps: '0:f 1:f 2:f 999:f', states: 'closed, closed, closed, open' },
  {
    name: 'failures that have left it',
    steps: '0:f 1:f 2:f 1000:f',
    states: 'closed, closed, closed, closed',
  },
  {
    name: 'probes succeed',
    steps: '0:f 0:f 0:f 0:f 499:s 500:s 501:s 502:f',
    states: 'closed, closed, closed, open, refused 1, half-open, closed, closed',
  },
  {
    name: 'a probe fails',
    steps: '0:f 0:f 0:f 0:f 500:s 510:f 511:s 1010:s',
    states: 'closed, closed, closed, open, half-open, open, refused 499, half-open',
  },
  {
    name: 'a probe says nothing',
    steps: '0:f 0:f 0:f 0:f 500:i 501:i 502:i 503:s 504:s',
    states: 'closed, closed, closed, open, half-open, half-open, half-open, half-open, closed',
  },
]
for (const { name, steps, states } of ROWS) {
  test(`circuit: ${name}`, () => {
    expect(run(new Circuit(LIMITS), steps)).toBe(states)
  })
}

function opened(): Circuit {
  const circuit = new Circuit(LIMITS)
  run(circuit, '0:f 0:f 0:f 0:f')
  return circuit
}

test('no more probes at a time than are asked for', () => {
  const circuit = opened()
  const [first, second, third] = [circuit.admit(500), circuit.admit(500), circuit.admit(500)]
  expect(third).toEqual({ kind: 'refused', retryAfterMs: 0 })
  if (first.kind !== 'call' || second.kind !== 'call') throw new Error('refused')
  first.ended('success', 501)
  expect(circuit.admit(501)).toEqual({ kind: 'refused', retryAfterMs: 0 })
  second.ended('ignored', 502)
  expect(circuit.state).toBe('half-open')
  expect(circuit.admit(503).kind).toBe('call')
})

for (const outcome of ['success', 'failure'] as const) {
  test(`what began before a change says nothing behind it: ${outcome}`, () => {
    const circuit = new Circuit(LIMITS)
    const late = [circuit.admit(0), circuit.admit(0), circuit.admit(0), circuit.admit(0)]
    run(circuit, '0:f 0:f 0:f 0:f')
    const endOne = (now: number): void => {
      const call = late.pop()
      if (call?.kind === 'call') call.ended(outcome, now)
    }
    endOne(1)
    expect(circuit.state).toBe('open')
    expect(circuit.admit(500).kind).toBe('call')
    for (let count = 0; count < 3; count++) endOne(501)
    expect(circuit.state).toBe('half-open')
    expect(circuit.admit(502).kind).toBe('call')
    expect(circuit.admit(502).kind).toBe('refused')
  })
}

test('counts are those of the window', () => {
  const circuit = new Circuit(LIMITS)
  run(circuit, '0:f 150:s 250:s')
  expect(circuit.counts).toEqual({ calls: 3, failures: 1 })
  run(circuit, '1050:s')
  expect(circuit.counts).toEqual({ calls: 3, failures: 0 })
})
