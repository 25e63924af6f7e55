import type { GpuReading } from '../../record/index.js'
import type { Exposition, Sample } from '../prometheus.js'
import { present } from '../series.js'

const MIB = 1024 * 1024

interface Device {
  readonly hostname: string
  readonly gpu: string
  readonly values: Map<string, number>
}

/** NVIDIA's DCGM exporter: percent, MiB, W and °C. Which of its fields are exported is up to whoever runs it. */
export function readDcgm(exposition: Exposition): readonly GpuReading[] {
  const devices = new Map<string, Device>()
  for (const [name, samples] of exposition) {
    if (name.startsWith('DCGM_FI_')) for (const sample of samples) add(devices, name, sample)
  }
  const several = new Set([...devices.values()].map((d) => d.hostname)).size > 1
  return [...devices.values()].map(({ hostname, gpu, values }) => ({
    id: several ? `${hostname} ${gpu}` : gpu,
    ...readingOf(values),
  }))
}

/** From here on a number says that the device does not support the field (DCGM's blank values). */
const BLANK = 0x7ffffff0

/** A part of a GPU (MIG) is a device of its own. */
function add(devices: Map<string, Device>, name: string, { labels, value }: Sample): void {
  if (value >= BLANK) return
  const gpu = [labels.gpu ?? labels.UUID, labels.GPU_I_ID].filter((part) => part).join('/')
  const hostname = labels.Hostname ?? ''
  const key = `${hostname}\n${gpu}`
  const device = devices.get(key) ?? { hostname, gpu, values: new Map<string, number>() }
  device.values.set(name, value)
  devices.set(key, device)
}

function readingOf(values: ReadonlyMap<string, number>): Omit<GpuReading, 'id'> {
  const used = scaled(values.get('DCGM_FI_DEV_FB_USED'), MIB)
  const free = scaled(values.get('DCGM_FI_DEV_FB_FREE'), MIB)
  const total = scaled(values.get('DCGM_FI_DEV_FB_TOTAL'), MIB)
  return present({
    utilisation: scaled(values.get('DCGM_FI_DEV_GPU_UTIL'), 0.01),
    smActive: values.get('DCGM_FI_PROF_SM_ACTIVE'),
    memoryUsedBytes: used,
    memoryTotalBytes: total ?? (used === undefined || free === undefined ? undefined : used + free),
    powerW: values.get('DCGM_FI_DEV_POWER_USAGE'),
    temperatureC: values.get('DCGM_FI_DEV_GPU_TEMP'),
  })
}

const scaled = (value: number | undefined, unit: number): number | undefined =>
  value === undefined ? undefined : value * unit
