import { z } from 'zod';
import { json } from './fields';
import { defineOperation } from './operation';

const grant = z.object({
  id: z.string(),
  class: z.string(),
  threshold: z.number(),
  auditRate: z.number(),
  by: z.literal('owner'),
});

const summary = {
  name: z.string(),
  version: z.number().int(),
  title: z.string(),
  description: z.string(),
  classes: z.array(z.string()),
  requirements: z.object({ accuracy: z.number(), p95Seconds: z.number(), maxCostUsd: z.number() }),
};

export const taskTypeSummary = z.object(summary).meta({ id: 'TaskTypeSummary' });

export const taskType = z
  .object({
    ...summary,
    policyVersion: z.string(),
    maxInputBytes: z.number().int(),
    languages: z.array(z.string()),
    inputSchema: json.meta({ description: 'JSON Schema of the input.' }),
    outputSchema: json.meta({ description: 'JSON Schema of the output.' }),
    review: z.object({ queue: z.string(), onTimeout: z.enum(['keep_waiting', 'fall_back']) }),
    standing: z.object({
      grants: z.array(grant).meta({ description: 'Classes that run alone; every other answer is reviewed.' }),
      tasks: z.number().int(),
      reviewed: z.number().int(),
      outcomes: z.record(z.string(), z.number().int()),
    }),
  })
  .meta({ id: 'TaskType' });

export const listTaskTypes = defineOperation({
  id: 'listTaskTypes',
  method: 'get',
  path: '/v1/task-types',
  access: 'authenticated',
  tag: 'task types',
  summary: 'List what this installation can do',
  answers: { 200: { description: 'All task types.', schema: z.object({ items: z.array(taskTypeSummary) }) } },
  refusals: [],
});

export const getTaskType = defineOperation({
  id: 'getTaskType',
  method: 'get',
  path: '/v1/task-types/{name}',
  access: 'authenticated',
  tag: 'task types',
  summary: 'Read a task type: schemas, requirements, classes, standing',
  params: z.object({ name: z.string().max(100) }),
  answers: { 200: { description: 'The task type.', schema: taskType } },
  refusals: ['task_type_unknown'],
});

export const taskTypeOperations = [listTaskTypes, getTaskType];
