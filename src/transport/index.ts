export {
  chooseTransport,
  createTransport,
  kernelStampsAvailable,
  type RawTransportName,
  type TransportChoice,
  type TransportName,
} from './choose.js'
export { type ConnectionSetting, isPlain } from './connection.js'
export { createWay } from './dispatcher.js'
export { socketFailure } from './failure.js'
export { type Handshake, learnHandshake } from './learn.js'
export { maskedProxy, proxyFor } from './proxy.js'
export { SDK_APIS } from './sdk/calls.js'
export type { Channel, ResponseSink, Transport } from './transport.js'
