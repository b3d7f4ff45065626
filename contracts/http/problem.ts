import { z } from 'zod';
import { HTTP_STATUS_OF_CODE } from '../words/errorCodes';
import type { ErrorCode } from '../words/errorCodes';

const CODES = Object.keys(HTTP_STATUS_OF_CODE) as [ErrorCode, ...ErrorCode[]];

export const fieldError = z.object({
  path: z.string().meta({ description: 'JSON Pointer (RFC 6901) into what was sent.' }),
  message: z.string().meta({ description: 'The rule that is broken. The value is never repeated.' }),
});
export type FieldError = z.output<typeof fieldError>;

/** RFC 9457. Codes add members of their own, such as `decidedBy` to `already_decided`. */
export const problem = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    instance: z.string().meta({ description: 'The request, by its X-Request-Id.' }),
    code: z.enum(CODES),
    errors: z.array(fieldError).optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.output<typeof problem>;
