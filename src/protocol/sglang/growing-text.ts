/**
 * Tells what an event added to a text. SGLang sends all of the text so far with every event, unless it was started with
 * `--incremental-streaming-output`; no event says which.
 */
export class GrowingText {
  #soFar = ''
  /** Undefined until an event could show it: the first looks the same either way. */
  #cumulative: boolean | undefined

  /**
   * @param text of the event
   * @param ids how many token ids it carries, where it does
   * @param total tokens generated so far, where it tells
   */
  added(text: string, ids: number | undefined, total: number | undefined): string {
    if (this.#isCumulative(text, ids, total)) {
      const added = text.slice(this.#soFar.length)
      // Detokenizing may take back half a character: the text can shrink for a moment.
      if (text.length > this.#soFar.length) this.#soFar = text
      return added
    }
    this.#soFar = text
    return text
  }

  /** All ids so far are as many as all tokens so far. Without ids, a text that does not go on from the last is new. */
  #isCumulative(text: string, ids: number | undefined, total: number | undefined): boolean {
    if (ids !== undefined && total !== undefined && ids !== total) this.#cumulative = false
    else if (this.#soFar !== '' && this.#cumulative !== false) {
      if (ids !== undefined && total !== undefined) this.#cumulative = true
      else if (!text.startsWith(this.#soFar)) this.#cumulative = false
    }
    return this.#cumulative !== false
  }
}
