import type { Argv } from 'yargs'

export const chartOptions = <T>(y: Argv<T>) =>
  y
    .positional('results', {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'a run, a sweep, a comparison or a search; several runs or sweeps are compared',
    })
    .option('chart', {
      type: 'string',
      default: 'all',
      describe: 'its name, as --list shows it, or all',
    })
    .option('list', { type: 'boolean', describe: 'print the names of the charts and write none' })
    .option('format', {
      choices: ['svg', 'png', 'csv'] as const,
      default: 'svg' as const,
      describe: 'a picture, or the figures behind it; png needs the optional package @resvg/resvg-js',
    })
    .option('out', { type: 'string', default: 'charts', describe: 'folder that receives the files' })
    .option('theme', { choices: ['light', 'dark'] as const, default: 'light' as const, describe: 'colours' })
    .option('width', {
      type: 'number',
      describe: 'width in pixels, 240 to 8000; up to 560 the layout for narrow screens',
    })
    .example(
      '$0 chart results/chat-20261121-143005 --chart ttft-percentiles --format png --width 1600',
      'one chart for a slide',
    )

export type ChartArguments = Awaited<ReturnType<ReturnType<typeof chartOptions>['parseAsync']>>
