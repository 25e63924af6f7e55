import { formatNs, formatNumber } from '../../base/index.js'
import { type Check, check, type Evidence, type Judge, notTold } from './check.js'

/** Whether something else takes the cores away, or slows them down. */

const percent = (share: number): string => `${formatNumber(share * 100)} %`

const governor: Judge = ({ facts }) => {
  const wanted = 'performance: a core that first has to speed up makes us late'
  if (facts.governors.length === 0) return notTold('CPU governor', wanted)
  return check(
    'CPU governor',
    facts.governors.every((name) => name === 'performance') ? 'ok' : 'warning',
    facts.governors.join(', '),
    wanted,
    'cpupower frequency-set -g performance',
  )
}

const throttling: Judge = ({ facts }) => {
  const wanted = 'none: a throttled client stands still for up to a tenth of a second at a time'
  const { throttledNs, thermalThrottles } = facts
  if (throttledNs === undefined && thermalThrottles === undefined) return notTold('throttling', wanted)
  const seen = [
    throttledNs === undefined
      ? []
      : `control group: ${throttledNs > 0 ? `throttled for ${formatNs(throttledNs)} so far` : 'never throttled'}`,
    thermalThrottles === undefined ? [] : `heat: ${thermalThrottles} times since boot`,
  ].flat()
  const some = (throttledNs ?? 0) > 0 || (thermalThrottles ?? 0) > 0
  return check(
    'throttling',
    some ? 'warning' : 'ok',
    seen.join('; '),
    wanted,
    (throttledNs ?? 0) > 0 ? 'raise the CPU limit of the container or the control group' : 'cool the machine',
  )
}

const STEAL_SHARE = 0.02

const steal: Judge = ({ facts }) => {
  const wanted = `at most ${percent(STEAL_SHARE)}: time that the hypervisor gives to others`
  if (facts.stealShare === undefined) return notTold('steal', wanted)
  return check(
    'steal',
    facts.stealShare > STEAL_SHARE ? 'warning' : 'ok',
    `${percent(facts.stealShare)} since boot`,
    wanted,
    'use a machine with dedicated cores; falloff watches steal during a run',
  )
}

/** Tasks to a core, and share of time with a task that waits, from which the machine counts as busy. */
const BUSY_LOAD = 0.5
const BUSY_PRESSURE = 0.05

const busy: Judge = ({ facts }) => {
  const { load, pressureShare, cores } = facts
  const wanted = 'idle but for what is to be measured'
  if (load === undefined && pressureShare === undefined) return notTold('load now', wanted)
  const seen = [
    load === undefined ? [] : `${formatNumber(load)} tasks over the last minute`,
    pressureShare === undefined ? [] : `some waited ${percent(pressureShare)} of the last 10 s`,
  ].flat()
  const many = (load ?? 0) > BUSY_LOAD * cores || (pressureShare ?? 0) > BUSY_PRESSURE
  return check('load now', many ? 'warning' : 'ok', seen.join('; '), wanted, 'end what else runs here (top)')
}

const autogroup: Judge = ({ facts, need }) => {
  const wanted = 'off, or server and client started from one terminal session (docs/validity.md)'
  if (facts.autogroup === undefined) return notTold('sched_autogroup', wanted)
  const harmful = facts.autogroup && need.local !== false
  const where = need.local === undefined ? ', of matter where the server runs on this machine' : ''
  return check(
    'sched_autogroup',
    harmful ? 'warning' : 'ok',
    facts.autogroup ? `on${where}` : 'off',
    wanted,
    'sysctl -w kernel.sched_autogroup_enabled=0, or start the server from this terminal session',
  )
}

export const quietChecks = (evidence: Evidence): readonly Check[] =>
  [governor, throttling, steal, busy, autogroup].map((judge) => judge(evidence))
