const ROUNDS = 7

/**
 * CPU time of some work, all threads of the process counted: the least of several rounds, since whatever disturbs only adds.
 * @param {() => unknown} work may be asynchronous @param {number} times how often it does the thing that is to be told
 * @returns {Promise<number>} ns of CPU for each
 */
export async function leastCpuNs(work, times) {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round <= ROUNDS; round++) {
    const before = process.cpuUsage()
    await work()
    const { user, system } = process.cpuUsage(before)
    // The first round compiles.
    if (round > 0) least = Math.min(least, ((user + system) * 1000) / times)
  }
  return least
}
