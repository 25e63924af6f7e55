export { meanDraws, percentileInterval } from './bootstrap.js'
export { type Dependence, dependenceOf } from './dependence.js'
export { designEffectOf, INTERVAL_METHODS, rankInterval } from './interval.js'
export { kneeFinder } from './knee.js'
export { differenceOf, type Share, wilson } from './proportion.js'
export {
  meanOf,
  medianOf,
  nearestRank,
  quantileOf,
  type Sorted,
  sortValues,
  stdDevOf,
} from './quantile.js'
export { regularisedBeta } from './special.js'
export { batchMeans, mannKendall, mser5, startsApart, theilSenSlope } from './steady.js'
export { fitUsl } from './usl.js'
