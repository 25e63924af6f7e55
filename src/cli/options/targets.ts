import type { Argv } from 'yargs'
import { type ArgumentsOf, FORMAT, HEADER, profileOptions, YES } from './shared.js'

export const probeOptions = <T>(y: Argv<T>) =>
  y
    .positional('url', {
      type: 'string',
      demandOption: true,
      describe: 'base URL of the server, or the address of one of its routes',
    })
    .option('api', { type: 'string', describe: 'the API to describe; the first that streams when left out' })
    .option('model', { type: 'string', describe: 'model name; the first one served when left out' })
    .option('header', HEADER)
    .option('key-env', {
      type: 'string',
      describe: 'environment variable that holds the key; sent as each API wants it',
    })
    .option('set', {
      type: 'string',
      array: true,
      describe: 'any other value of a profile’s target, such as target.tls.caFile=ca.pem',
    })
    .option('timeout', { type: 'string', default: '10', describe: 'seconds that one try may take' })
    .option('out', {
      type: 'string',
      describe: 'path of the target file; targets/<host>-<port>.yaml when left out',
    })
    .option('format', FORMAT)
    .example('$0 probe http://127.0.0.1:8000', 'what is it, and how fast?')
    .example(
      '$0 probe https://llm.example --key-env LLM_KEY --api anthropic-messages',
      'with a key, for one API',
    )

export const limitsOptions = <T>(y: Argv<T>) =>
  profileOptions(y)
    .option('max-requests', { type: 'string', default: '300', describe: 'send no more than these' })
    .option('max-usd', { type: 'string', describe: 'spend no more US dollars' })
    .option('max-seconds', { type: 'string', default: '240', describe: 'look no longer' })
    .option('max-words', { type: 'string', default: '3200', describe: 'words of the longest prompt' })
    .option('yes', YES)
    .option('format', FORMAT)
    .example(
      '$0 limits --target https://api.openai.com --model gpt-4o-mini --key-env OPENAI_API_KEY --max-usd 0.10',
      'requests and tokens a minute, for ten cents at the most',
    )

export const floorOptions = <T>(y: Argv<T>) =>
  y
    .option('target', {
      type: 'string',
      demandOption: true,
      describe: 'base URL of what is examined: the gateway',
    })
    .option('direct', {
      type: 'string',
      describe: 'base URL of what stands behind it, measured in turns with it',
    })
    .option('path', {
      type: 'string',
      default: '/health',
      describe: 'asked for with GET: /health, /v1/models or another that costs nothing',
    })
    .option('one-token', {
      type: 'boolean',
      default: false,
      describe: 'ask for a chat completion of one token instead, not streamed',
    })
    .option('model', { type: 'string', describe: 'for --one-token; the first one served when left out' })
    .option('header', HEADER)
    .option('connections', {
      type: 'string',
      default: '1,10',
      describe: 'asked over so many at once, load by load',
    })
    .option('seconds', { type: 'string', default: '3', describe: 'longest time of each turn' })
    .option('amount', { type: 'string', default: '10000', describe: 'most requests of each turn' })
    .option('turns', { type: 'string', default: '2', describe: 'of each place at each load' })
    .option('yes', YES)
    .option('format', FORMAT)
    .example(
      '$0 floor --target http://127.0.0.1:4000 --direct http://127.0.0.1:8000 --path /v1/models',
      'what the gateway alone costs',
    )

export const simulateOptions = <T>(y: Argv<T>) =>
  y
    .positional('engine', {
      type: 'string',
      demandOption: true,
      describe: 'an engine description by name or path, or fixed',
    })
    .option('port', { type: 'number', default: 8000, describe: 'port on loopback; 0 picks a free one' })
    .option('host', { type: 'string', default: '127.0.0.1', describe: 'address to listen on' })
    .option('set', { type: 'string', array: true, describe: 'engine setting, such as maxNumSeqs=64' })
    .option('fault', { type: 'string', array: true, describe: 'fault to inject, such as rate-limit=0.1' })
    .option('send-log', { type: 'string', describe: 'file that receives the time of every write' })
    .option('with-parent', {
      type: 'boolean',
      default: false,
      describe: 'end when the process that started it is gone',
    })

export type ProbeArguments = ArgumentsOf<typeof probeOptions>
export type LimitsArguments = ArgumentsOf<typeof limitsOptions>
export type FloorArguments = ArgumentsOf<typeof floorOptions>
export type SimulateArguments = ArgumentsOf<typeof simulateOptions>
