/** Settings of an engine by name, as in the profile: `maxNumSeqs`, `gpuMemoryUtilization`, … */
export type EngineSettings = Readonly<Record<string, number | boolean | string>>

/** An engine that falloff has started. */
export interface RunningEngine {
  /** Base URL, without /v1. */
  readonly url: string
  /** Settings in force as far as the launcher knows them. */
  readonly settings: EngineSettings
  /** Ends the engine and waits until it is gone. */
  stop(): Promise<void>
}

/** One way of starting an engine: one folder each. */
export interface Launcher {
  readonly kind: string
  /**
   * Starts the engine and resolves when it is ready to serve.
   * @throws FalloffError ENGINE_START with the engine's last words
   */
  start(description: string, settings: EngineSettings): Promise<RunningEngine>
}
