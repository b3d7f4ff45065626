import { z } from 'zod';
import { OUTCOMES, REASONS, STEP_NAMES } from '../words/vocabulary';

/** RFC 3339, UTC. */
export const time = z.string().meta({ format: 'date-time', description: 'RFC 3339, UTC.' });

/** Any JSON value; what it must be is said by the task type's own schema. */
export const json = z.unknown().meta({ description: 'Any JSON value.' });

/**
 * A text that the store keeps, or looks for, in clear: PostgreSQL takes every character there but NUL. What people say is encrypted
 * before it is kept, and may hold it.
 */
export const clearText = z.string().refine((text) => !text.includes('\0'), 'must not hold the character NUL');

export const digest = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits')
  .meta({ description: 'SHA-256 of output, effects and policy version in canonical JSON, in hexadecimal.' });

export const evidence = z
  .record(
    z.string(),
    z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string()), z.array(z.number())]),
  )
  .meta({
    id: 'Evidence',
    description: 'Closed words, numbers, digests and positions. Never text that came from people.',
  });

export const microUsd = z.number().int().meta({ description: 'Millionths of a US dollar.' });

export const probability = z.number().min(0).max(1);

export const classProbability = z.object({ name: z.string(), probability }).meta({ id: 'ClassProbability' });

export const confidence = z
  .object({
    score: probability.meta({
      description: 'Calibrated probability that the draft is right; 0 where there is no draft.',
    }),
    calibrator: z.string(),
    errorBound: z
      .number()
      .nullable()
      .meta({ description: 'Proven upper bound of the error rate; null until there is one.' }),
  })
  .meta({ id: 'Confidence' });

export const outcome = z.enum(OUTCOMES);
export const reason = z.enum(REASONS);
export const stepName = z.enum(STEP_NAMES);

export const links = z.record(z.string(), z.string()).meta({ description: 'Addresses by what they lead to.' });

/** Seconds that the call may wait for the task's end: 0 (the default) to 60. */
export const waitSeconds = z.coerce.number().int().min(0).max(60).default(0).meta({
  description: 'Seconds to wait for the end of the task, 0 to 60. Default 0.',
});

export const taskParams = z.object({ taskId: clearText.max(64).meta({ example: 'tsk_01k0a2b3c4d5e6f7g8h9j0kmnp' }) });
export const reviewParams = z.object({
  reviewId: clearText.max(64).meta({ example: 'rev_01k0a2b3c4d5e6f7g8h9j0kmnp' }),
});

export const idempotencyKeyHeader = z.object({
  'idempotency-key': z.string().optional().meta({
    description:
      '1 to 255 printable ASCII characters. The same key gives the first answer again. Without one, one is made.',
  }),
});
