/** The way of OpenAI, and of every server that speaks like it. */
export const bearer = (key: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${key}` })
