/** A reader of vLLM's metrics that shares no code with falloff's: what the tests hold falloff's answers against. */
export interface EngineTotals {
  readonly generationTokens: number
  readonly promptTokens: number
  readonly preemptions: number
  readonly ttftSumS: number
  readonly ttftCount: number
  readonly queueSumS: number
  readonly prefillSumS: number
}

const NAMES: Readonly<Record<keyof EngineTotals, string>> = {
  generationTokens: 'vllm:generation_tokens_total',
  promptTokens: 'vllm:prompt_tokens_total',
  preemptions: 'vllm:num_preemptions_total',
  ttftSumS: 'vllm:time_to_first_token_seconds_sum',
  ttftCount: 'vllm:time_to_first_token_seconds_count',
  queueSumS: 'vllm:request_queue_time_seconds_sum',
  prefillSumS: 'vllm:request_prefill_time_seconds_sum',
}

export async function engineTotals(url: string): Promise<EngineTotals> {
  const answer = await fetch(`${url}/metrics`)
  if (!answer.ok) throw new Error(`/metrics answered ${answer.status}`)
  const lines = (await answer.text()).split('\n')
  const total = (name: string): number => {
    const found = lines.filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    if (found.length === 0) throw new Error(`the engine does not expose ${name}`)
    return found.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
  }
  const entries = Object.entries(NAMES).map(([key, name]) => [key, total(name)] as const)
  return Object.fromEntries(entries) as Record<keyof EngineTotals, number>
}

export function increase(before: EngineTotals, after: EngineTotals): EngineTotals {
  const entries = Object.entries(after).map(
    ([key, value]) => [key, value - before[key as keyof EngineTotals]] as const,
  )
  return Object.fromEntries(entries) as Record<keyof EngineTotals, number>
}
