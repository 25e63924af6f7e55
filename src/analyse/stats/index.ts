export { blockLength, percentileInterval, resampleBlocks } from './bootstrap.js'
export { kneeFinder } from './knee.js'
export { differenceOf, type Share, wilson } from './proportion.js'
export {
  meanOf,
  medianOf,
  nearestRank,
  quantileOf,
  quantileRanks,
  type Sorted,
  sortValues,
  stdDevOf,
} from './quantile.js'
export { batchMeans, mannKendall, mser5, theilSenSlope } from './steady.js'
export { fitUsl } from './usl.js'
