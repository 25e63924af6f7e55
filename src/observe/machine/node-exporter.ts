import type { HostReading } from '../../record/index.js'
import type { Exposition } from '../prometheus.js'
import { present, sum, total } from '../series.js'

/** Waiting for a disk leaves the core to whoever wants it. */
const IDLE: ReadonlySet<string> = new Set(['idle', 'iowait'])

/** Prometheus' node_exporter: CPU seconds of all cores since the start, memory in bytes. */
export function readNodeExporter(exposition: Exposition): HostReading | undefined {
  const cpu = exposition.get('node_cpu_seconds_total')
  const reading = present({
    cpuTotalS: sum(cpu),
    cpuIdleS: sum(cpu?.filter((s) => IDLE.has(s.labels.mode ?? ''))),
    memoryTotalBytes: total(exposition, ['node_memory_MemTotal_bytes']),
    memoryAvailableBytes: total(exposition, ['node_memory_MemAvailable_bytes']),
    load1: total(exposition, ['node_load1']),
  })
  return Object.keys(reading).length === 0 ? undefined : reading
}
