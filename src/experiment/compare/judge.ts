import { join } from 'node:path'
import { type ComparisonFindings, compareSides, figuresOf } from '../../analyse/index.js'
import type { CompareManifest, RunFigures } from '../../record/index.js'

/** Figures of runs by their place in the comparison's folder, each read once until it is forgotten. */
export interface KnownFigures {
  of(run: string): Promise<RunFigures>
  forget(run: string): void
}

export function createKnownFigures(folder: string): KnownFigures {
  const known = new Map<string, RunFigures>()
  return {
    async of(run) {
      const figures = known.get(run) ?? (await figuresOf(join(folder, run)))
      known.set(run, figures)
      return figures
    },
    forget: (run) => void known.delete(run),
  }
}

/**
 * Judges what is there so far, by the runs' figures alone: a look between two blocks must cost little of the machine that is
 * about to measure again.
 */
export function createLiveJudge(
  figures: KnownFigures,
): (manifest: CompareManifest) => Promise<ComparisonFindings> {
  return async ({ sides, runs, plan, name, tool, gated, margins, allowed }) => {
    const blocks = wholeBlocks(sides.length, runs)
    const taken = plan.looks.filter((runs) => runs <= blocks.length).length
    return compareSides({
      ...{ name, tool: `falloff ${tool.version}`, gated, margins, allowed, differences: [] },
      sides: await Promise.all(
        sides.map(async (side, i) => ({
          name: side.name,
          runs: await Promise.all(blocks.map((block) => figures.of(block[i] ?? ''))),
        })),
      ),
      design: {
        interleaved: true,
        blocks: blocks.map((_, k) => sides.map(() => k)),
        looks: { taken: Math.max(1, taken), planned: plan.looks.length },
        level: plan.levelPerLook,
        stopReason: null,
      },
    })
  }
}

/** By block, the folder of each side's run. */
function wholeBlocks(sides: number, runs: CompareManifest['runs']): readonly (readonly string[])[] {
  const blocks: string[][] = []
  for (let block = 0; ; block++) {
    const mine = runs.filter((r) => r.block === block).sort((a, b) => a.side - b.side)
    if (mine.length < sides) return blocks
    blocks.push(mine.map((r) => r.folder))
  }
}
