import { z } from 'zod'

/** How the target is reached. Paths are relative to the profile's own folder. */

const BASE_URL = /^https?:\/\/[^\s/]+/

const tlsSchema = z.strictObject({
  caFile: z
    .string()
    .optional()
    .describe('PEM file of the authorities to trust, instead of those that Node trusts'),
  certFile: z.string().optional().describe('PEM file of the client certificate that the server asks for'),
  keyFile: z.string().optional().describe('PEM file of its private key'),
  serverName: z.string().optional().describe('name to ask for, and to check the certificate against'),
})

/** Part of `target`. */
export const connectionFields = {
  urls: z
    .array(z.string().regex(BASE_URL, 'expected http://host:port or https://host'))
    .min(1)
    .optional()
    .describe('several base URLs, asked in turn: request by request, in the order of the plan'),
  socketPath: z
    .string()
    .min(1)
    .optional()
    .describe('unix socket to connect to; the URL (http://localhost when left out) only names the host'),
  tls: tlsSchema.optional().describe('own certificate authorities, client certificate, server name'),
  http2: z
    .boolean()
    .default(false)
    .describe('offer HTTP/2 in the TLS handshake; the run says what was agreed on'),
  proxy: z
    .enum(['environment', 'none'])
    .default('environment')
    .describe(
      'environment: HTTP_PROXY, HTTPS_PROXY and NO_PROXY are followed, but never for loopback; none: they are not',
    ),
  connection: z
    .enum(['keep-alive', 'per-request'])
    .default('keep-alive')
    .describe('keep connections for later requests, or make a new one for each'),
} as const

export type ConnectionFields = z.output<z.ZodObject<typeof connectionFields>>
