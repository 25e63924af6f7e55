export { meanDraws, percentileInterval } from './bootstrap.js'
export { type Cluster, clusterFreedom, runDesignEffect } from './cluster.js'
export { type Dependence, dependenceOf } from './dependence.js'
export { holm } from './holm.js'
export { designEffectOf, INTERVAL_METHODS, rankInterval } from './interval.js'
export { kneeFinder } from './knee.js'
export { levelPerLook } from './looks.js'
export { mcnemarP } from './mcnemar.js'
export { flipSigns, midRanks, type Permutation, relabel } from './permutation.js'
export { runsToSettle } from './power.js'
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
export { type Contrast, paired, studentT, twoSidedP, welch } from './student.js'
export { fitUsl } from './usl.js'
