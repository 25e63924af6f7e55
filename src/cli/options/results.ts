import type { Argv } from 'yargs'
import { type ArgumentsOf, FORMAT } from './shared.js'

export const reportOptions = <T>(y: Argv<T>) =>
  y
    .positional('results', {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'run or sweep folders; or one of a comparison or a search',
    })
    .option('out', { type: 'string', describe: 'path of the HTML report' })
    .option('allow', {
      type: 'string',
      array: true,
      describe: 'of several: differences that are meant, as of compare, such as model',
    })
    .option('dialect', {
      choices: ['guidellm', 'aiperf', 'vllm'] as const,
      describe:
        'print the figures as that tool would define them, from the same records, and build no report',
    })
    .option('format', FORMAT)

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

export const exportOptions = <T>(y: Argv<T>) =>
  y
    .positional('folder', { type: 'string', demandOption: true, describe: 'a run or sweep folder' })
    .option('to', {
      choices: [
        'parquet',
        'csv',
        'hlog',
        'openmetrics',
        'otlp',
        'otlp-protobuf',
        'influx',
        'remote-write',
      ] as const,
      demandOption: true,
      describe: 'format',
    })
    .option('of', {
      choices: ['records', 'chunks', 'summary', 'course'] as const,
      describe:
        'one row per request, per output chunk, the figures, or how they went over time; what the format is meant for when left out',
    })
    .option('out', { type: 'string', describe: 'path of the file; stdout when left out' })
    .option('push', {
      type: 'string',
      describe: 'send it to this URL instead: otlp and otlp-protobuf, influx, remote-write',
    })
    .option('header', {
      type: 'string',
      array: true,
      describe: "header of the push, such as 'authorization: Bearer ${KEY}'",
    })
    .example('$0 export results/chat-20261121-143005 --to parquet --out chat.parquet', 'records for DuckDB')
    .example(
      '$0 export results/chat-20261121-143005 --to remote-write --push http://127.0.0.1:9090/api/v1/write',
      'the course of a run into Prometheus',
    )

export const importOptions = <T>(y: Argv<T>) =>
  y
    .positional('file', {
      type: 'string',
      demandOption: true,
      describe: 'result file of GuideLLM, AIPerf, vllm bench serve, inference-perf or GenAI-Perf',
    })
    .option('beside', { type: 'string', describe: 'a run or sweep folder to set beside it' })
    .option('out', {
      type: 'string',
      describe: 'folder that receives imported.json; results/imported-<file> when left out',
    })
    .option('format', FORMAT)
    .example(
      '$0 import guidellm.json --beside results/chat-20261121-143005',
      'their figures and ours, with what stands between them',
    )

export type ReportArguments = ArgumentsOf<typeof reportOptions>
export type ChartArguments = ArgumentsOf<typeof chartOptions>
export type ExportArguments = ArgumentsOf<typeof exportOptions>
export type ImportArguments = ArgumentsOf<typeof importOptions>
