export type { OutgoingRequest, ResponseSink, Transport } from './transport.js'
export { createUndiciTransport } from './undici.js'
