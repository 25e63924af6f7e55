import fc from 'fast-check'

/**
 * Properties are played on the same cases every time: a test that fails, fails because of the change at hand, and fails
 * again. New cases are looked for on purpose: `FALLOFF_SEED=random npx vitest run -t <property>`, or with a number.
 */
const told = process.env.FALLOFF_SEED ?? '20260501'
if (told !== 'random') {
  const seed = Number(told)
  if (!Number.isSafeInteger(seed))
    throw new Error(`FALLOFF_SEED: '${told}' is neither a whole number nor 'random'`)
  fc.configureGlobal({ seed })
}
