export {
  chooseTransport,
  createTransport,
  kernelStampsAvailable,
  type TransportChoice,
  type TransportName,
} from './choose.js'
export type { Channel, ResponseSink, Transport } from './transport.js'
