import type { PlaceChoice } from '../../contract.js'
import { REMOTE_COMMAND } from './remote.js'

export type SshChoice = Extract<PlaceChoice, { kind: 'ssh' }>

/**
 * Never asks for a password. A connection that others share would outlive ours, and with it the forwarded port; one that is
 * dead is given up after a minute.
 */
const ALWAYS = [
  '-o',
  'BatchMode=yes',
  '-o',
  'ControlPath=none',
  '-o',
  'ServerAliveInterval=15',
  '-o',
  'ServerAliveCountMax=4',
]

/** `ssh` for one short command. */
export const sshAsk = ({ host, options }: SshChoice, command: string): readonly string[] => [
  ...ALWAYS,
  '-o',
  'ConnectTimeout=10',
  ...options,
  host,
  command,
]

/** `ssh` that runs the engine and passes on what comes to our port. */
export const sshRun = (
  { host, options }: SshChoice,
  ports: { local: number; remote: number },
): readonly string[] => [
  'ssh',
  '-T',
  // Each look whether the engine is ready yet would else be a line about a port that is closed.
  '-o',
  'LogLevel=ERROR',
  ...ALWAYS,
  '-o',
  'ExitOnForwardFailure=yes',
  '-L',
  `127.0.0.1:${ports.local}:127.0.0.1:${ports.remote}`,
  ...options,
  host,
  REMOTE_COMMAND,
]
