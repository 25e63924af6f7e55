import { num, plural, sentence } from '../../format.js'
import { type Html, html, nothing } from '../../html.js'
import { loadUnit, settingName, settingNameOf, type TuneView } from '../view.js'
import { duration } from '../words.js'

/** What could not be told apart, and what it would cost to find out. */
export function openSection(view: TuneView): Html {
  const items = [...morePairs(view), ...alike(view), ...undecided(view), ...nonMonotone(view)]
  return items.length === 0
    ? nothing
    : html`<section id="open"><h2>What is left open</h2><ul>${items.map((item) => html`<li>${item}</li>`)}</ul></section>`
}

function morePairs({ tune, best }: TuneView): readonly string[] {
  const confirmation = tune.result?.confirmation
  if (!confirmation?.morePairs) return []
  const { morePairs: more, morePairsS, pairs } = confirmation
  const name = best === null ? 'the best setting' : settingName(tune, best)
  return [
    `Whether ${name} differs from the default: after ${plural(pairs.length, 'pair')} the interval takes in no change. About ${plural(more, 'more pair')} would tell, ${duration(morePairsS)} of engine time.`,
  ]
}

const alike = ({ tune }: TuneView): readonly Html[] =>
  (tune.result?.notToldApart ?? []).map(
    ({ setting, text }) => html`<b>${settingNameOf(tune, setting)}</b>: ${sentence(text)}`,
  )

/** Only of best and default: of the others it changes nothing. */
function undecided({ tune, best, standard }: TuneView): readonly string[] {
  const settings = [best, standard].filter((s, i, all) => s !== null && all.indexOf(s) === i)
  return settings.flatMap((setting) => {
    const held = setting?.held
    if (!setting || !held || held.undecided.length === 0) return []
    const loads = held.undecided.map(num).join(', ')
    return [
      `For ${settingName(tune, setting)} nothing could be shown at ${loads} ${loadUnit(held.load)} within the requests that a look may take: the border lies there.`,
    ]
  })
}

const nonMonotone = ({ tune, started }: TuneView): readonly string[] =>
  started
    .filter((s) => s.held?.nonMonotone)
    .map(
      (s) =>
        `For ${settingName(tune, s)} a load held above one that did not, and did so again when both were measured anew: take the lower one.`,
    )
