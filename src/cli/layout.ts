/** Width of what is printed: of the terminal, where there is one, up to what reads well. */
export const layoutWidth = (stream: NodeJS.WriteStream = process.stdout): number =>
  // A pseudo-terminal may report no width at all.
  Math.min(110, stream.columns || 100)

/** Breaks at spaces, so that no line is longer than `width`. */
export function wrap(text: string, width: number): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && line.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines
}

/** The same under a heading: by two, and by four from its second line on. */
export const indented = (text: string, width: number): string[] =>
  wrap(text.trim(), width - 4).map((line, i) => `${' '.repeat(i === 0 ? 2 : 4)}${line}`)
