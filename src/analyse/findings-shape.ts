import { z } from 'zod'

/** What all findings are made of: no field that is not declared, and none that changes. */
export const record = <T extends z.core.$ZodShape>(shape: T) => z.strictObject(shape).readonly()
export const list = <T extends z.core.SomeType>(item: T) => z.array(item).readonly()
export const maybe = z.number().nullable()
