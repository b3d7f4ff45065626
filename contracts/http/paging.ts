import { z } from 'zod';

export const pageQuery = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(200)
    .default(50)
    .meta({ description: 'Items on a page, 1 to 200. Default 50.' }),
  cursor: z.string().min(1).max(1000).optional().meta({ description: 'The `nextCursor` of the page before. Opaque.' }),
};

/** A comma-separated list of words of one closed list. */
export function listOf<const T extends readonly [string, ...string[]]>(words: T) {
  return z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(words)).min(1))
    .meta({ override: { type: 'string', description: `One or more, separated by commas, of: ${words.join(', ')}.` } });
}

export const nextCursor = z.string().nullable().meta({ description: 'Null on the last page.' });
