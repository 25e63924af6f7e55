/** An answer in vLLM's error shape: the status is repeated as an integer `code`. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly status: number
  readonly type: string
  readonly param: string | null
  constructor(status: number, type: string, message: string, param: string | null = null) {
    super(message)
    this.status = status
    this.type = type
    this.param = param
  }

  get body(): string {
    const { message, type, param, status: code } = this
    return JSON.stringify({ error: { message, type, param, code } })
  }
}

export const badRequest = (message: string, param: string | null = null): HttpError =>
  new HttpError(400, 'BadRequestError', message, param)
