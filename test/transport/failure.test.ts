import { constants } from 'node:os'
import { expect, test } from 'vitest'
import { errnoError, socketFailure } from '../../src/transport/failure.js'

const { EMFILE, ENFILE, EADDRNOTAVAIL, ENOBUFS, ENOMEM, ECONNREFUSED, ECONNRESET } = constants.errno

test.each([
  ['no more descriptors in the process', EMFILE, 'client-limit'],
  ['no more descriptors in the system', ENFILE, 'client-limit'],
  ['no more ports', EADDRNOTAVAIL, 'client-limit'],
  ['no more buffers', ENOBUFS, 'client-limit'],
  ['no more memory', ENOMEM, 'client-limit'],
  ['nobody listens', ECONNREFUSED, 'refused'],
  ['the server broke off', ECONNRESET, 'reset'],
])('%s', (_what, errno, code) => {
  expect(socketFailure(errnoError(errno, 'connect')).code).toBe(code)
})
