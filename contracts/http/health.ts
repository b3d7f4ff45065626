import { z } from 'zod';
import { defineOperation } from './operation';

export const getHealth = defineOperation({
  id: 'getHealth',
  method: 'get',
  path: '/healthz',
  access: 'public',
  tag: 'health',
  summary: 'Is the process up',
  answers: { 200: { description: 'It is.', schema: z.object({ status: z.literal('up') }) } },
  refusals: [],
});

const readiness = z.object({
  status: z.enum(['ready', 'not_ready']),
  missing: z.array(z.enum(['store', 'temporal', 'shutting_down'])),
});

export const getReadiness = defineOperation({
  id: 'getReadiness',
  method: 'get',
  path: '/readyz',
  access: 'public',
  tag: 'health',
  summary: 'Can the process do work',
  answers: {
    200: { description: 'It can.', schema: readiness },
    503: { description: 'It can not; `missing` names why.', schema: readiness },
  },
  refusals: [],
});

export const healthOperations = [getHealth, getReadiness];
