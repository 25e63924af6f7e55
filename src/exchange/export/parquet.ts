import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer'
import type { Cell, Column, ColumnType, Table } from './table.js'

/** Rows held in memory at a time; a group is what readers skip or load. */
const GROUP_ROWS = 50_000

const PHYSICAL: Readonly<Record<ColumnType, Pick<SchemaElement, 'type' | 'converted_type'>>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  whole: { type: 'INT64' },
  real: { type: 'DOUBLE' },
  flag: { type: 'BOOLEAN' },
  instant: { type: 'INT64', converted_type: 'TIMESTAMP_MICROS' },
}

/** Bytes of a Parquet file, group by group, compressed by Snappy. Every column may be null: what was not observed is. */
export async function* parquetBytes<R>(
  { columns, rows }: Table<R>,
  createdBy: string,
): AsyncGenerator<Uint8Array> {
  const bytes = new ByteWriter()
  const writer = new ParquetWriter({ writer: bytes, schema: schemaOf(columns), createdBy })
  let group: R[] = []
  for await (const row of rows()) {
    if (group.push(row) < GROUP_ROWS) continue
    await writeGroup(writer, columns, group)
    yield taken(bytes)
    group = []
  }
  await writeGroup(writer, columns, group)
  await writer.finish()
  yield taken(bytes)
}

const schemaOf = <R>(columns: readonly Column<R>[]): SchemaElement[] => [
  { name: 'root', num_children: columns.length },
  ...columns.map(({ name, type }) => ({ name, repetition_type: 'OPTIONAL' as const, ...PHYSICAL[type] })),
]

async function writeGroup<R>(
  writer: ParquetWriter,
  columns: readonly Column<R>[],
  group: readonly R[],
): Promise<void> {
  if (group.length === 0) return
  const columnData = columns.map(({ name, type, value }) => ({
    name,
    data: group.map((row) => stored(type, value(row))),
  }))
  await writer.write({ columnData, rowGroupSize: group.length })
}

/** Parquet's 64-bit integers are `bigint` in JavaScript. */
const stored = (type: ColumnType, value: Cell): Cell | bigint | null => {
  if (value === undefined) return null
  return type === 'whole' || type === 'instant' ? BigInt(Math.round(Number(value))) : value
}

/** What was written since the last call. Offsets count on; the buffer begins anew. */
function taken(bytes: ByteWriter): Uint8Array {
  const copy = bytes.getBytes().slice()
  bytes.index = 0
  return copy
}
