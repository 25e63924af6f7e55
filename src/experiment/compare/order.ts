import { createRandom, type Random } from '../../base/index.js'
import type { Profile } from '../../profile/index.js'

/**
 * Sides in the order in which a block measures them: random, and in every second block the reverse of the one before, so that
 * what weighs on the first or the last of a block weighs on each side alike. The same for the same seed and block, whatever
 * was measured before.
 */
export function orderOf(block: number, sides: number, seed: number): readonly number[] {
  const pair = Math.floor(block / 2)
  const order = shuffled(sides, createRandom(seed, `order:${pair}`))
  return block % 2 === 0 ? order : order.toReversed()
}

/** Every order is equally likely (Fisher and Yates). */
function shuffled(sides: number, random: Random): number[] {
  const order = Array.from({ length: sides }, (_, side) => side)
  for (let i = sides - 1; i > 0; i--) {
    const j = random.integer(0, i)
    const [a, b] = [order[i], order[j]]
    if (a === undefined || b === undefined) continue
    order[i] = b
    order[j] = a
  }
  return order
}

/** The profile as block `block` measures it: arrivals, lengths and prompts of its own, the same on all sides. */
export function profileOfBlock(profile: Profile, block: number): Profile {
  const { arrivals, inputLengths, outputLengths, prompts, conversations } = profile.seeds
  return {
    ...profile,
    seeds: {
      arrivals: arrivals + block,
      inputLengths: inputLengths + block,
      outputLengths: outputLengths + block,
      prompts: prompts + block,
      conversations: conversations + block,
    },
  }
}
