import { formatNumber } from '../../base/index.js'
import type { FigureDeclaration } from '../figures/index.js'
import type { Effect } from './findings.js'

type Scale = FigureDeclaration['scale']

/** From here on a ratio reads better than a percentage. */
const MANY_TIMES = 3

/** `8.3 % lower`, `1.2 points higher`, `4.5 times as high`, `the same`. */
export function changeWords(value: number, scale: Scale): string {
  if (scale === 'ratio' && value >= MANY_TIMES) return `${formatNumber(value)} times as high`
  const size = sizeOf(value, scale)
  return size === '0' ? 'the same' : `${size} ${unitOf(size, scale)} ${directionOf(value, scale)}`
}

/** ` (95 % interval: 2 % lower to 8.5 % higher)`, ` (95 % interval: 3 to 8.5 % higher)`; '' without one. */
export function intervalWords({ low, high }: Effect, scale: Scale, level: number): string {
  if (low === null || high === null) return ''
  const [near, far] = changeOf(low, scale) < 0 && changeOf(high, scale) < 0 ? [high, low] : [low, high]
  return ` (${percent(1 - level)} interval: ${isLike(near, far, scale) ? sizeOf(near, scale) : changeWords(near, scale)} to ${changeWords(far, scale)})`
}

/** Whether an effect and its interval are nothing at all. */
export const isNoChange = ({ value, low, high }: Effect, scale: Scale): boolean =>
  [value, low ?? Number.NaN, high ?? Number.NaN].every((v) => changeWords(v, scale) === 'the same')

/** Whether the direction need be named but once. */
const isLike = (near: number, far: number, scale: Scale): boolean =>
  directionOf(near, scale) === directionOf(far, scale) &&
  sizeOf(near, scale) !== '0' &&
  !(scale === 'ratio' && far >= MANY_TIMES)

const changeOf = (value: number, scale: Scale): number => (scale === 'ratio' ? value - 1 : value)
const directionOf = (value: number, scale: Scale): string => (changeOf(value, scale) > 0 ? 'higher' : 'lower')
const unitOf = (size: string, scale: Scale): string =>
  scale === 'ratio' ? '%' : size === '1' ? 'point' : 'points'

/** In hundredths; a hundredth of one is nothing that anybody would call a change. */
const sizeOf = (value: number, scale: Scale): string => {
  const hundredths = Math.abs(changeOf(value, scale)) * 100
  return hundredths < 0.005 ? '0' : formatNumber(hundredths)
}

export const percent = (share: number): string => `${formatNumber(share * 100)} %`

export const marginWords = (margin: number, scale: Scale): string =>
  scale === 'ratio'
    ? percent(margin)
    : `${formatNumber(margin * 100)} ${margin === 0.01 ? 'point' : 'points'}`

export const pWords = (p: number): string => (p < 0.001 ? 'p < 0.001' : `p = ${formatNumber(p)}`)

export const plural = (count: number, one: string): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? one : `${one}s`}`

/** `a, b and c`. */
export const listed = (items: readonly string[]): string =>
  items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
