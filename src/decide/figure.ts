import { type FigureDeclaration, figureOf } from '../analyse/index.js'

/**
 * The declaration of a figure, or of one that only an objective asks for: a profile may name any quantile, the least and the
 * largest value, which are not among the figures of every run.
 */
export function declarationOf(key: string): FigureDeclaration | undefined {
  const known = figureOf(key)
  if (known !== undefined) return known
  const [metric = '', ...statistic] = key.split('.')
  const mean = figureOf(`${metric}.mean`)
  if (mean === undefined) return undefined
  return { ...mean, key, label: mean.label.replace(/mean$/, statistic.join('.')) }
}
