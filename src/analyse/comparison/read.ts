import { join } from 'node:path'
import { FalloffError, messageOf } from '../../base/index.js'
import { type CompareManifest, RUN_FILES, type RunManifest, readJsonFile } from '../../record/index.js'
import { type FolderFigures, readFigures } from '../figures/index.js'
import { compareSides } from './compare-sides.js'
import { configurationDifferences } from './configuration.js'
import type { ComparisonFindings, SideFindings } from './findings.js'
import { type ComparisonInput, MEASURED_APART, type PromptResult, type SideInput } from './input.js'

/**
 * What a folder that holds `compare.json` found.
 *
 * @param allowed codes of checks, beside those that were allowed beforehand
 * @throws FalloffError when it holds none, or a run of it cannot be read
 */
export async function comparisonOf(
  folder: string,
  allowed: readonly string[] = [],
): Promise<ComparisonFindings> {
  const manifest = readManifest(folder)
  const { sides, plan } = manifest
  const runs = inWholeBlocks(manifest)
  const read = await readAll(
    sides.map((side, i) => ({ side, runs: runs.filter((r) => r.side === i) })),
    folder,
  )
  const blocks = [...new Set(runs.map((r) => r.block))].sort((a, b) => a - b)
  const taken = plan.looks.filter((look) => read.every((r) => r.folders.length >= look)).length
  const findings = compareSides({
    name: manifest.name,
    tool: `${manifest.tool.name} ${manifest.tool.version}`,
    sides: read.map(({ side, folders, blocks }) => ({
      ...sideOf(side.name, folders, blocks),
      connect: side.connect,
      price: side.price,
    })),
    design: {
      interleaved: true,
      blocks: blocks.map((block) => read.map(({ blocks }) => orNull(blocks.indexOf(block)))),
      looks: { taken: Math.max(1, taken), planned: plan.looks.length },
      level: plan.levelPerLook,
      stopReason: manifest.stopReason ?? null,
    },
    gated: manifest.gated,
    margins: manifest.margins,
    allowed: [...manifest.allowed, ...allowed],
    differences: differencesOf(read.map((r) => r.folders)),
  })
  return { ...findings, command: manifest.command }
}

/** A run in a block without every side is left out: it has nothing to be held against. */
const inWholeBlocks = ({ sides, runs }: CompareManifest): CompareManifest['runs'] =>
  runs.filter(({ block }) => sides.every((_, side) => runs.some((r) => r.block === block && r.side === side)))

const orNull = (place: number): number | null => (place < 0 ? null : place)

function readManifest(folder: string): CompareManifest {
  const file = join(folder, RUN_FILES.compare)
  try {
    return readJsonFile(file) as CompareManifest
  } catch (thrown) {
    throw new FalloffError('NO_COMPARISON', `${file} cannot be read: ${messageOf(thrown)}`, {
      hint: 'Give the folder of a comparison, such as results/<name>.',
      cause: thrown,
    })
  }
}

interface SideFolders<T> {
  readonly side: T
  readonly folders: readonly FolderFigures[]
  readonly blocks: readonly number[]
}

/** One folder after the other: each may hold millions of records. */
async function readAll<T>(
  sides: readonly { side: T; runs: readonly { folder: string; block: number }[] }[],
  root: string,
): Promise<readonly SideFolders<T>[]> {
  const read: SideFolders<T>[] = []
  for (const { side, runs } of sides) {
    const ordered = runs.toSorted((a, b) => a.block - b.block)
    const folders: FolderFigures[] = []
    for (const { folder } of ordered) folders.push(await readFigures(join(root, folder)))
    read.push({ side, folders, blocks: ordered.map((r) => r.block) })
  }
  return read
}

function sideOf(name: string, folders: readonly FolderFigures[], blocks: readonly number[]): SideInput {
  return {
    name,
    runs: folders.map((f) => f.figures),
    limit: limitOf(folders),
    prompts: folders.flatMap((f, i): PromptResult[] =>
      f.requests.map((r) => ({ ...r, block: blocks[i] ?? i })),
    ),
  }
}

/** As providers tell them: per minute. The lowest that was told. */
function limitOf(folders: readonly FolderFigures[]): SideFindings['limit'] {
  const met = folders.flatMap((f) => f.limits).filter((l) => l !== null)
  if (met.length === 0) return null
  const lowest = (kind: string): number | null => {
    const told = met.flatMap((l) => l.told.filter((t) => t.kind === kind).map((t) => t.limit))
    return told.length === 0 ? null : Math.min(...told)
  }
  return {
    requestsPerMin: lowest('requests'),
    tokensPerMin: lowest('tokens'),
    refused: met.reduce((sum, l) => sum + l.refusals, 0),
  }
}

const differencesOf = (sides: readonly (readonly FolderFigures[])[]): ComparisonFindings['differences'] =>
  configurationDifferences(sides.map(([first]): RunManifest | undefined => first?.manifest ?? undefined))

/** Prompts are held against each other only where the k-th runs of all sides had one load. */
function samePrompts(sides: readonly SideInput[]): readonly SideInput[] {
  const [base, ...others] = sides.map((s) => s.runs.map((r) => r.workloadHash).join(' '))
  if (others.every((hashes) => hashes === base)) return sides
  return sides.map((side) => ({ ...side, prompts: [] }))
}

/** Results that were measured apart: never interleaved, and their runs belong to no blocks. */
export async function comparisonOfResults(
  sides: readonly { readonly name: string; readonly folders: readonly string[] }[],
  options: Pick<ComparisonInput, 'gated' | 'margins' | 'allowed'>,
): Promise<ComparisonFindings> {
  const read = await readAll(
    sides.map((side) => ({ side, runs: side.folders.map((folder, block) => ({ folder, block })) })),
    '',
  )
  const tools = new Set(
    read.flatMap(({ folders }) =>
      folders.map(({ figures: { tool } }) => `${tool.name} ${tool.version ?? ''}`.trim()),
    ),
  )
  return compareSides({
    ...options,
    name: sides.map((s) => s.name).join(' and '),
    tool: [...tools].join(', '),
    sides: samePrompts(read.map(({ side, folders, blocks }) => sideOf(side.name, folders, blocks))),
    design: MEASURED_APART,
    differences: differencesOf(read.map((r) => r.folders)),
  })
}
