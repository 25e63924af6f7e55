export declare function parseResident(text: string | undefined, field?: 'VmRSS' | 'VmHWM'): number | undefined
export declare function parseChildrenCpuNs(text: string | undefined, ticksPerS?: number): number | undefined
export declare function parseRanNs(text: string | undefined): number | undefined
export declare function parseCpuList(text: string): number[]
