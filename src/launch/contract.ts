import type { CapacityForecast, LaunchFacts, StartPhase } from '../record/index.js'

/** Settings of an engine by name, as in the profile: `maxNumSeqs`, `gpuMemoryUtilization`, … */
export type EngineSettings = Readonly<Record<string, number | boolean | string>>

/** A setting that an engine's command takes. */
export interface SettingSpec {
  /** With its dashes; the value follows as a word of its own. Without dashes it is an environment variable. */
  readonly flag: string
  /** Flags of a boolean that is on by default, when it is to be off. */
  readonly offFlag?: string
  readonly type: 'whole' | 'number' | 'boolean' | 'text'
  /** In a few words. */
  readonly what: string
}

/** What is to be run, wherever it is run. */
export interface LaunchCommand {
  /** Program and arguments; a word that holds a secret is never here. */
  readonly words: readonly string[]
  /** Beside what the place has. */
  readonly env: Readonly<Record<string, string>>
  /** Answers with 2xx once the engine serves. */
  readonly readyPath: string
  /** That it listens on, where it runs. */
  readonly port: number
  /** It watches for the end of the process that started it and ends itself then: nothing else has to. */
  readonly endsWithParent?: boolean
  /** Of an engine that loads its model at the first request: sent by POST once `readyPath` answers; it is ready when 2xx comes back. */
  readonly firstRequest?: { readonly path: string; readonly body: object }
  /** Leading words that the engine's own container image brings as its entrypoint: the image is given those behind. Default 0. */
  readonly imageBrings?: number
}

/** Where an engine is to listen, as seen from where it runs. */
export interface Listen {
  /** Loopback, or every address where only a container or a node hears it. */
  readonly host: string
  readonly port: number
}

/** Reads what an engine says while it starts. One to a start. */
export interface LogReader {
  /** @param atS when the line came, in s since the command was run */
  line(text: string, atS: number): void
  /** What has been told so far. */
  facts(): LaunchFacts
  /** Phases that the log tells, in their order, without gaps between the first and the last; empty: it tells none. */
  phases(): readonly StartPhase[]
}

/** A reason why engines fail to start, known by what they say. */
export interface CauseRule {
  readonly cause: StartFailureCause
  /** Found in one line of the log. Of several lines that match, the first by the order of the rules counts. */
  readonly pattern: RegExp
  /** What it means, as the end of a sentence: `the KV cache is too small for one request`. May use `$1` … of the pattern. */
  readonly says: string
  /** What the user can do. May use `$1` … of the pattern. */
  readonly wayOut: string
}

export type StartFailureCause =
  | 'out-of-memory'
  | 'kv-too-small'
  | 'port-in-use'
  | 'bad-flag'
  | 'missing-model'
  | 'no-gpu'
  | 'not-installed'
  | 'timeout'
  | 'unknown'

/** One kind of engine: how it is started, and what it says of itself. One folder each under `engines/`. */
export interface EngineKind {
  readonly kind: string
  /** What people call it: `vLLM`. */
  readonly title: string
  /** By name. `any`: it checks them itself, and takes whatever is given. */
  readonly settings: Readonly<Record<string, SettingSpec>> | 'any'
  /** @param settings those of the choice with those of the trial laid over them, checked */
  command(choice: EngineChoice, settings: EngineSettings, listen: Listen): LaunchCommand
  createReader(): LogReader
  /** Tried before the general ones. */
  readonly causes: readonly CauseRule[]
  /** What should fit into the KV cache, from the model's description and the memory; undefined where one is not known. */
  forecast?(choice: EngineChoice, settings: EngineSettings, facts: LaunchFacts): CapacityForecast | undefined
}

/** What the profile says of the engine, as far as launching needs it. */
export interface EngineChoice {
  readonly kind: string
  /** What to serve: a folder or a name that the engine knows; of the simulator, its description. */
  readonly model: string
  readonly settings: EngineSettings
  /** Put behind what falloff itself writes. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** The program, where it is not the engine's usual one; of kind `command`, all words. */
  readonly command: readonly string[]
  /** Of kind `command`. */
  readonly readyPath?: string | undefined
  /** That the engine is to listen on; one that is free is picked when left out. */
  readonly port?: number | undefined
  readonly readyTimeoutS: number
  readonly stopTimeoutS: number
  readonly place: PlaceChoice
}

export type PlaceChoice =
  | { readonly kind: 'local' }
  | { readonly kind: 'docker'; readonly image: string; readonly options: readonly string[] }
  | { readonly kind: 'ssh'; readonly host: string; readonly options: readonly string[] }
  | {
      readonly kind: 'kubernetes'
      readonly deployment: string
      readonly namespace?: string | undefined
      readonly container?: string | undefined
    }

/** Somewhere an engine can run. One folder each under `places/`. */
export interface Place {
  readonly kind: PlaceChoice['kind']
  /** Why nothing can be started there from this machine; undefined when it can. */
  obstacle(choice: EngineChoice): Promise<string | undefined>
  /** Reasons of a failing start that come from the place, whatever the engine. */
  readonly causes?: readonly CauseRule[]
  /** Where the engine can listen there: an address and a port that nobody holds. */
  listen(choice: EngineChoice): Promise<Listen>
  /** Resolves once the command runs, not once it serves. That it cannot be run at all is an end like another: `ended` says so. */
  start(choice: EngineChoice, command: LaunchCommand, output: PlaceOutput): Promise<Placed>
}

export interface PlaceOutput {
  /** The command itself runs from now on: the start is timed from here, or from the call where this is never said. */
  onRun(): void
  /** Each line that the command writes, stdout and stderr alike, without its end. */
  onLine(text: string): void
  /** Something that the user is to know, such as memory that was not given back. */
  onNote(text: string): void
}

/** A command that runs somewhere. */
export interface Placed {
  /** Base URL under which it is reached from here. */
  readonly url: string
  /** Resolves with half a sentence when it ends, whoever ended it: `ended with code 1`. The rules of causes are tried on it too. */
  readonly ended: Promise<string>
  /** Ends it, its children too, and waits until all are gone and all they wrote was passed on. May be called again. */
  stop(): Promise<void>
}

/** An engine that falloff has started. */
export interface RunningEngine {
  readonly kind: string
  /** Base URL, without /v1. */
  readonly url: string
  /** Settings in force as far as the launcher knows them. */
  readonly settings: EngineSettings
  /** What its log told by the time it was ready. */
  readonly facts: LaunchFacts
  /** From the command to ready, in their order and without gaps; they add up to `readyS`. */
  readonly phases: readonly StartPhase[]
  readonly readyS: number
  /** When the command was run, in ns on the machine's monotonic clock. */
  readonly commandNs: number
  /** As it can be pasted into a shell: without the environment. */
  readonly commandLine: string
  /** Path of what it wrote; undefined when it was not kept. */
  readonly log: string | undefined
  /** To be set against `facts.kvCacheTokens`. */
  readonly forecast?: CapacityForecast | undefined
  /** Resolves with a sentence when it ends, whoever ended it. */
  readonly ended: Promise<string>
  /** Ends the engine and waits until it is gone. */
  stop(): Promise<void>
}
