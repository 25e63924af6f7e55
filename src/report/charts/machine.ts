import type { Timeline, TimelineBin } from '../../analyse/index.js'
import { num, percent } from '../format.js'
import { PERCENT_LABELS, zeroBased } from './scale.js'
import type { Line, Panel } from './types.js'

type Read = (bin: TimelineBin) => number | null
type DrawCourse = (timeline: Timeline, slot: number, label: string, read: Read) => Line

const HEIGHT = 92

/** How busy the target's machine was; no panel at all where nobody told. */
export function machinePanels(timeline: Timeline, course: DrawCourse): readonly Panel[] {
  const drawn = SHARES.filter(([, , read]) => timeline.bins.some((bin) => read(bin) !== null))
  if (drawn.length === 0) return []
  const lines = drawn.map(([slot, label, read]) => course(timeline, slot, label, read))
  const several = timeline.bins.some((bin) => bin.machine && bin.machine.gpuMean !== bin.machine.gpuBusiest)
  return [
    {
      title: 'The target’s machine',
      subtitle: `share in use${several ? '; of the GPU that is busiest, and the memory that is fullest' : ''}`,
      lines,
      y: { ...zeroBased([1], PERCENT_LABELS), ticks: [0, 0.5, 1] },
      height: HEIGHT,
      missing: null,
    },
  ]
}

/** Slot of the line's look, its name, its value. */
const SHARES: readonly (readonly [number, string, Read])[] = [
  [0, 'GPU', (bin) => bin.machine?.gpuBusiest ?? null],
  [1, 'GPU mem', (bin) => bin.machine?.gpuMemory ?? null],
  [2, 'CPU', (bin) => bin.machine?.hostCpu ?? null],
  [3, 'RAM', (bin) => bin.machine?.hostMemory ?? null],
]

type Column = readonly [name: string, read: Read, show: (value: number | null | undefined) => string]

const COLUMNS: readonly Column[] = [
  ['GPU, mean', (bin) => bin.machine?.gpuMean ?? null, percent],
  ['GPU, busiest', (bin) => bin.machine?.gpuBusiest ?? null, percent],
  ['GPU memory', (bin) => bin.machine?.gpuMemory ?? null, percent],
  ['GPU power, W', (bin) => bin.machine?.gpuPowerW ?? null, num],
  ['CPU', (bin) => bin.machine?.hostCpu ?? null, percent],
  ['memory', (bin) => bin.machine?.hostMemory ?? null, percent],
]

/** Those of which anything was told. */
export const machineColumns = (timeline: Timeline): readonly Column[] =>
  COLUMNS.filter(([, read]) => timeline.bins.some((bin) => read(bin) !== null))
