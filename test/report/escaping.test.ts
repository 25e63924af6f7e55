import { describe, expect, test } from 'vitest'
import { html, scriptJson, trusted } from '../../src/report/html.js'
import { visible, visibleText } from '../../src/report/visible.js'

describe('html', () => {
  test.each([
    ['</script><b>', '&lt;/script&gt;&lt;b&gt;'],
    ['"><img src=x onerror=alert(1)>', '&quot;&gt;&lt;img src=x onerror=alert(1)&gt;'],
    ["a & b 'c'", 'a &amp; b &#39;c&#39;'],
  ])('inserted text %j becomes text, not markup', (text, escaped) => {
    expect(html`<p title="${text}">${text}</p>`.text).toBe(`<p title="${escaped}">${escaped}</p>`)
  })

  test('nested templates stay markup, lists are joined, and empty values vanish', () => {
    const items = ['<1>', '<2>'].map((t) => html`<li>${t}</li>`)
    expect(html`<ul>${items}${null}${undefined}${false}${''}${0}</ul>${trusted('<hr>')}`.text).toBe(
      '<ul><li>&lt;1&gt;</li><li>&lt;2&gt;</li>0</ul><hr>',
    )
  })

  test('embedded JSON cannot end its script element and reads back as it was', () => {
    const value = { a: '</script><!--', b: 'line\u2028end\u2029' }
    const { text } = scriptJson(value)
    expect(text).not.toMatch(/[<\u2028\u2029]/)
    expect(JSON.parse(text)).toEqual(value)
  })
})

describe('visible', () => {
  test.each([
    ['right-to-left override', 'safe\u202Eexe.txt', 'safe⟨U+202E⟩exe.txt'],
    ['isolate', '\u2066a\u2069', '⟨U+2066⟩a⟨U+2069⟩'],
    ['NUL', 'a\u0000b', 'a⟨U+0000⟩b'],
    ['zero-width space and joiner', 'a\u200Bb\u200D', 'a⟨U+200B⟩b⟨U+200D⟩'],
    ['byte order mark', '\uFEFFa', '⟨U+FEFF⟩a'],
    ['half a surrogate pair', 'a\uD800', 'a⟨U+D800⟩'],
    ['escape sequence of a terminal', '\u001b[31mred', '⟨U+001B⟩[31mred'],
    ['carriage return that overwrites a line', 'ok\rbad', 'ok⟨U+000D⟩bad'],
  ])('%s is spelt out', (_, text, shown) => {
    expect(visibleText(text)).toBe(shown)
  })

  test('ordinary text in any script, tab, line feed and whole surrogate pairs stay', () => {
    const text = 'Ünï\tcode\n日本語 עברית 🙂'
    expect(visibleText(text)).toBe(text)
  })

  test('strings and keys at any depth are made visible, and numbers that JSON cannot hold become null', () => {
    const input = { 'k\u202E': ['\u0000', { n: Number.NaN, i: Number.POSITIVE_INFINITY, ok: 1.5, no: null }] }
    expect(visible(input)).toEqual({ 'k⟨U+202E⟩': ['⟨U+0000⟩', { n: null, i: null, ok: 1.5, no: null }] })
  })
})
