import { createHash } from 'node:crypto'

/**
 * What the page does when scripts run: tooltips from the marks' labels (pointer and arrow keys), CSV, SVG and PNG downloads, the
 * theme switch, and opened details for print. Everything it adds to the page it adds itself, so that a page without
 * scripts shows no dead button.
 */
export const SCRIPT = `'use strict';(() => {
const root = document.documentElement
const make = (tag, text, className) => { const e = document.createElement(tag); if (text) e.textContent = text; if (className) e.className = className; return e }
const button = (text, act, label) => { const b = make('button', text); b.type = 'button'; if (label) b.setAttribute('aria-label', label); b.addEventListener('click', act); return b }
const save = (name, type, text) => {
  const a = make('a'); const url = URL.createObjectURL(new Blob([text], { type })); a.href = url; a.download = name
  document.body.append(a); a.click(); a.remove(); setTimeout(() => URL.revokeObjectURL(url), 1000)
}

const themes = ['auto', 'light', 'dark']
let theme = 0
const themeButton = button('Theme: auto', () => {
  theme = (theme + 1) % 3
  if (theme) root.dataset.theme = themes[theme]; else delete root.dataset.theme
  themeButton.textContent = 'Theme: ' + themes[theme]
})
const tools = document.querySelector('.mast .tools'); if (tools) tools.append(themeButton)

const plain = (cell) => { const v = cell.dataset.v; return v !== undefined ? v : cell.textContent.trim() }
const field = (s) => { const safe = /^[=+@\\t\\r-]/.test(s) && isNaN(Number(s)) ? "'" + s : s; return /[",\\n\\r]/.test(safe) ? '"' + safe.replace(/"/g, '""') + '"' : safe }
const csv = (table) => [...table.rows].map((r) => [...r.cells].map((c) => field(plain(c))).join(',')).join('\\r\\n') + '\\r\\n'
const slug = (s) => s.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(0, 60) || 'table'
for (const box of document.querySelectorAll('.scroll')) {
  const table = box.querySelector('table'); if (!table || !table.tHead) continue
  const name = slug((box.closest('figure') || box.closest('section') || {}).id + '-' + table.caption.textContent)
  const bar = make('div', '', 'bar')
  bar.append(button('CSV', () => save(name + '.csv', 'text/csv;charset=utf-8', csv(table)), 'Download as CSV: ' + table.caption.textContent))
  box.after(bar)
}

const shown = (chart) => [...chart.querySelectorAll('svg')].find((s) => s.getClientRects().length > 0)
const standalone = (svg) => {
  const copy = svg.cloneNode(true); const style = getComputedStyle(root)
  const text = new XMLSerializer().serializeToString(copy)
  const paper = style.getPropertyValue('--paper').trim()
  return text.replace(/var\\((--[a-z0-9-]+)\\)/g, (w, n) => style.getPropertyValue(n).trim() || w).replace(/^<svg[^>]*>/, (open) => open + '<rect width="100%" height="100%" fill="' + paper + '"/>')
}
const picture = (svg, name) => {
  const box = svg.viewBox.baseVal, image = new Image()
  image.onload = () => {
    const canvas = make('canvas'); canvas.width = 2 * box.width; canvas.height = 2 * box.height
    canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height)
    canvas.toBlob((blob) => { if (blob) save(name, 'image/png', blob) }, 'image/png')
  }
  image.src = 'data:image/svg+xml;charset=utf-8,' + encodeURIComponent(standalone(svg))
}
const tip = make('div', '', 'tip'); tip.setAttribute('role', 'status'); tip.hidden = true; document.body.append(tip)
let lit = null
const hide = () => { tip.hidden = true; if (lit) lit.classList.remove('lit'); lit = null }
const show = (mark) => {
  hide(); lit = mark; mark.classList.add('lit'); tip.textContent = mark.getAttribute('aria-label'); tip.hidden = false
  const at = mark.getBoundingClientRect(), w = tip.offsetWidth, h = tip.offsetHeight
  const x = Math.min(Math.max(8, at.left + at.width / 2 - w / 2), root.clientWidth - w - 8)
  const y = at.top - h - 8 > 4 ? at.top - h - 8 : at.bottom + 8
  tip.style.left = x + scrollX + 'px'; tip.style.top = y + scrollY + 'px'
}
const marksOf = (chart) => { const svg = shown(chart); return svg ? [...svg.querySelectorAll('[aria-label]')] : [] }
for (const chart of document.querySelectorAll('.chart')) {
  const id = chart.closest('figure').id
  const bar = make('div', '', 'bar')
  bar.append(button('PNG', () => { const svg = shown(chart); if (svg) picture(svg, id + '.png') }, 'Download the chart as PNG'))
  bar.append(button('SVG', () => { const svg = shown(chart); if (svg) save(id + '.svg', 'image/svg+xml', standalone(svg)) }, 'Download the chart as SVG'))
  chart.after(bar)
  if (!chart.querySelector('[aria-label]')) continue
  chart.tabIndex = 0
  chart.setAttribute('aria-description', 'Arrow keys step through the points.')
  chart.addEventListener('pointermove', (e) => {
    let best = null, least = 28
    for (const mark of marksOf(chart)) {
      const b = mark.getBoundingClientRect()
      const dx = Math.max(b.left - e.clientX, 0, e.clientX - b.right), dy = Math.max(b.top - e.clientY, 0, e.clientY - b.bottom)
      const d = Math.hypot(dx, dy); if (d < least) { least = d; best = mark }
    }
    if (best !== lit) { if (best) show(best); else hide() }
  })
  chart.addEventListener('pointerleave', hide)
  chart.addEventListener('blur', hide)
  chart.addEventListener('keydown', (e) => {
    if (e.key === 'Escape') return hide()
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key]; if (!step) return
    const marks = marksOf(chart); if (!marks.length) return
    e.preventDefault()
    const now = marks.indexOf(lit); show(marks[(now < 0 ? (step > 0 ? 0 : marks.length - 1) : now + step + marks.length) % marks.length])
  })
}

let opened = []
addEventListener('beforeprint', () => { opened = [...document.querySelectorAll('details:not([open])')]; for (const d of opened) d.open = true })
addEventListener('afterprint', () => { for (const d of opened) d.open = false })
for (const code of document.querySelectorAll('[data-copy]')) {
  if (!navigator.clipboard) break
  (code.closest('pre') || code).after(button('Copy', (e) => navigator.clipboard.writeText(code.textContent).then(() => { e.target.textContent = 'Copied' }, () => {})))
}
})()`

/** The hash by which the page's policy admits this script and no other. */
export const scriptHash: string = `sha256-${createHash('sha256').update(SCRIPT, 'utf8').digest('base64')}`
