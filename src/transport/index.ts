export type { ResponseSink, Transport } from './transport.js'
export { createUndiciTransport } from './undici.js'
